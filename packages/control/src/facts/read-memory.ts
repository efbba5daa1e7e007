import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';

export interface MemoryFacts {
  readonly rssBytes: number;
  /** Of the cgroup; null when there is none. */
  readonly limitBytes: number | null;
  readonly availableBytes: number;
}

/** What the process may still take: the room under its cgroup limit, or what the machine has, whichever is less. */
export async function readMemory(): Promise<MemoryFacts> {
  const rssBytes = process.memoryUsage.rss();
  const limitBytes = sanitizeLimit(process.constrainedMemory(), totalmem());
  const machineBytes = (await readMemAvailable()) ?? freemem();
  const roomBytes = limitBytes === null ? Number.POSITIVE_INFINITY : Math.max(0, limitBytes - rssBytes);
  return { rssBytes, limitBytes, availableBytes: Math.min(machineBytes, roomBytes) };
}

/** Without a cgroup limit Node answers 0, undefined or about 2⁶⁴; more than the machine has is no limit either. */
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
