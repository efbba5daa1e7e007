import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { lstat, open, opendir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '@heapfloor/contract';
import type { DiskFacts } from '../guards/guard.ts';

/** Far more than the retention keeps; a folder with more is not ours alone, and to count it would take seconds. */
const MAX_FILES = 10_000;
/** base / instance / file, and one more. */
const MAX_DEPTH = 3;
/** An empty file can be made on a full disk. Unit: bytes. */
const PROBE_BYTES = 4096;

/**
 * @param directory - of this instance, where artifacts are written
 * @param base - of all instances; everything in it counts
 */
export async function readDisk(directory: string, base: string): Promise<DiskFacts> {
  // Not beside the rest: the probe would be counted.
  const writeProblem = await probeWriting(directory);
  const [freeBytes, { usedBytes, isWhole }] = await Promise.all([readFreeBytes(directory), readUsage(base)]);
  const countProblem = isWhole ? null : `${base} holds more than ${MAX_FILES} files, clear it`;
  return { freeBytes, usedBytes, problem: writeProblem ?? countProblem };
}

/** What is free for this user, who need not be root. 0 where the directory is gone; the probe says so. */
async function readFreeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

async function readUsage(base: string): Promise<{ usedBytes: number; isWhole: boolean }> {
  let usedBytes = 0;
  let entryCount = 0;
  const pending = [{ directory: base, depth: 1 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for await (const entry of entriesOf(next.directory)) {
      entryCount += 1;
      if (entryCount > MAX_FILES) return { usedBytes, isWhole: false };
      const path = join(next.directory, entry.name);
      // No symbolic link is followed: what it points to is not in the directory.
      if (entry.isFile()) usedBytes += await readSizeBytes(path);
      else if (entry.isDirectory() && next.depth < MAX_DEPTH) {
        pending.push({ directory: path, depth: next.depth + 1 });
      }
    }
  }
  return { usedBytes, isWhole: true };
}

async function* entriesOf(directory: string): AsyncGenerator<Dirent, void> {
  try {
    yield* await opendir(directory);
  } catch {
    // Deleted meanwhile by another instance, or not ours to read.
  }
}

async function readSizeBytes(path: string): Promise<number> {
  try {
    return (await lstat(path)).size;
  } catch {
    return 0; // deleted meanwhile
  }
}

/** @returns what went wrong, with the system's own code; null when the bytes reached the disk. */
async function probeWriting(directory: string): Promise<string | null> {
  const path = join(directory, `.write-probe-${randomUUID()}`);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES));
      // A network file system tells only now.
      await file.sync();
    } finally {
      await file.close();
    }
    return null;
  } catch (error) {
    return describeError(error);
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}
