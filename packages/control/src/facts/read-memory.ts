import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { MemoryFacts } from '../guards/guard.ts';

/** What the process may still take: the room under its cgroup limit, or what the machine has, whichever is less. */
export async function readMemory(rssBytes: number): Promise<MemoryFacts> {
  const limitBytes = sanitizeLimit(process.constrainedMemory(), totalmem());
  const machineBytes = (await readMemAvailable()) ?? freemem();
  if (limitBytes === null) return { availableBytes: machineBytes, limitBytes, source: 'free memory' };
  const roomBytes = Math.max(0, limitBytes - rssBytes);
  return { availableBytes: Math.min(machineBytes, roomBytes), limitBytes, source: 'constrained memory' };
}

/** Without a cgroup limit Node answers 0, undefined or about 2⁶⁴; as much as the machine has is no limit either. */
export function sanitizeLimit(constrainedBytes: number | undefined, totalBytes: number): number | null {
  const isLimit = constrainedBytes !== undefined && constrainedBytes > 0 && constrainedBytes < totalBytes;
  return isLimit ? constrainedBytes : null;
}

/** MemAvailable counts what the kernel can free; `os.freemem` does so only in newer Nodes. */
async function readMemAvailable(): Promise<number | null> {
  try {
    const kib = /^MemAvailable:\s+(\d+) kB/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null; // not Linux
  }
}
