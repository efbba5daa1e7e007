import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import type { MemoryFacts } from '../guards/guard.ts';
import { readGroups, type GroupRoom } from './read-groups.ts';

export interface MemorySources {
  readonly procDirectory: string;
  readonly cgroupDirectory: string;
  /** `process.constrainedMemory()`, `os.totalmem()` and `os.freemem()`: for where the files cannot be read. */
  readonly constrainedBytes: number | undefined;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/**
 * What the process may still take: the least room of its cgroup and of each group around it, or what the machine has.
 * The room of a group counts what its other processes take; files that the kernel can drop are not counted as taken.
 */
export async function readMemory(
  rssBytes: number,
  sources: MemorySources = systemSources(),
): Promise<MemoryFacts> {
  const [groups, memAvailableBytes] = await Promise.all([
    readGroups(sources, rssBytes),
    readMemAvailable(sources.procDirectory),
  ]);
  const machineBytes = memAvailableBytes ?? sources.freeBytes;
  const tightest = tightestOf(groups) ?? constrainedRoom(sources, rssBytes);
  if (tightest === null) return { availableBytes: machineBytes, limitBytes: null, source: 'free memory' };
  const { limitBytes, roomBytes } = tightest;
  return roomBytes <= machineBytes
    ? { availableBytes: roomBytes, limitBytes, source: 'cgroup' }
    : { availableBytes: machineBytes, limitBytes, source: 'free memory' };
}

/** Without a cgroup limit Node answers 0, undefined or about 2⁶⁴; as much as the machine has is no limit either. */
export function sanitizeLimit(constrainedBytes: number | undefined, totalBytes: number): number | null {
  const isLimit = constrainedBytes !== undefined && constrainedBytes > 0 && constrainedBytes < totalBytes;
  return isLimit ? constrainedBytes : null;
}

function systemSources(): MemorySources {
  return {
    procDirectory: '/proc',
    cgroupDirectory: '/sys/fs/cgroup',
    constrainedBytes: process.constrainedMemory(),
    totalBytes: totalmem(),
    freeBytes: freemem(),
  };
}

function tightestOf(groups: readonly GroupRoom[]): GroupRoom | null {
  return groups.toSorted((a, b) => a.roomBytes - b.roomBytes)[0] ?? null;
}

/** Node knows the limit of the process's own group alone, and not what the others in it take. */
function constrainedRoom(
  { constrainedBytes, totalBytes }: MemorySources,
  rssBytes: number,
): GroupRoom | null {
  const limitBytes = sanitizeLimit(constrainedBytes, totalBytes);
  return limitBytes === null ? null : { limitBytes, roomBytes: Math.max(0, limitBytes - rssBytes) };
}

/** MemAvailable counts what the kernel can free; `os.freemem` does so only in newer Nodes. */
async function readMemAvailable(procDirectory: string): Promise<number | null> {
  try {
    const text = await readFile(join(procDirectory, 'meminfo'), 'utf8');
    const kib = /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null; // not Linux
  }
}
