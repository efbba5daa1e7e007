import { statfs } from 'node:fs/promises';
import { measureEventLoopDelayMs, readHeapUsedBytes, type MainIsolate } from '../capture/main-isolate.ts';
import { ControlError } from '../errors.ts';
import type { CaptureFacts } from '../guards/guard.ts';
import { readMemory } from './read-memory.ts';

/** A main thread whose loop does not turn within this is called blocked. Unit: ms. */
export const EVENT_LOOP_TIMEOUT_MS = 2_000;

/** @throws ControlError when the main isolate does not even answer an interrupt. */
export async function readFacts(isolate: MainIsolate, artifactDirectory: string): Promise<CaptureFacts> {
  const rssBytes = process.memoryUsage.rss();
  const [heapUsedBytes, eventLoopDelayMs, memory, disk] = await Promise.all([
    readHeapUsedBytes(isolate).catch((error: unknown) => {
      throw new ControlError('CONTROL_MAIN_THREAD_UNRESPONSIVE', (error as Error).message, error);
    }),
    measureEventLoopDelayMs(isolate, EVENT_LOOP_TIMEOUT_MS),
    readMemory(rssBytes),
    statfs(artifactDirectory),
  ]);
  return {
    nowMs: Date.now(),
    heapUsedBytes,
    rssBytes,
    memory,
    reusableBytes: 0,
    diskFreeBytes: disk.bavail * disk.bsize,
    eventLoopDelayMs,
    eventLoopTimeoutMs: EVENT_LOOP_TIMEOUT_MS,
  };
}
