import { statfs } from 'node:fs/promises';
import type { CaptureFacts } from '../guards/guard.ts';
import { readMemory } from './read-memory.ts';

export interface FactSources {
  readonly instance: string;
  readonly artifactDirectory: string;
  readonly readHeapUsedBytes: () => Promise<number>;
  readonly running: CaptureFacts['running'];
  readonly lastAttempts: CaptureFacts['lastAttempts'];
}

export async function readFacts(sources: FactSources): Promise<CaptureFacts> {
  const { instance, artifactDirectory, readHeapUsedBytes, running, lastAttempts } = sources;
  const [heapUsedBytes, memory, disk] = await Promise.all([
    readHeapUsedBytes(),
    readMemory(),
    statfs(artifactDirectory),
  ]);
  return {
    now: new Date(),
    instance,
    heapUsedBytes,
    rssBytes: memory.rssBytes,
    memoryLimitBytes: memory.limitBytes,
    memoryAvailableBytes: memory.availableBytes,
    diskFreeBytes: disk.bavail * disk.bsize,
    running,
    lastAttempts,
  };
}
