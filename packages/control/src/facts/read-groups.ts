import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A cgroup with a limit. */
export interface GroupRoom {
  readonly limitBytes: number;
  /** Limit − usage of all its processes, the files that can be dropped not counted. */
  readonly roomBytes: number;
}

interface GroupSources {
  readonly procDirectory: string;
  readonly cgroupDirectory: string;
  /** What is no less than this limits nothing. */
  readonly totalBytes: number;
}

/**
 * Every memory cgroup with a limit, from the process's own up to the root that it can see; version 2, version 1, and both
 * mounted beside each other. What cannot be read is as if it was not there.
 * @param rssBytes - taken for the usage of a group that does not tell its own
 */
export async function readGroups(sources: GroupSources, rssBytes: number): Promise<GroupRoom[]> {
  const membership = (await readText(join(sources.procDirectory, 'self/cgroup'))) ?? '';
  const levels = HIERARCHIES.flatMap((hierarchy) => {
    const root = join(sources.cgroupDirectory, hierarchy.root);
    const path = hierarchy.own.exec(membership)?.[1] ?? '/';
    return directoriesUpTo(root, path).map((directory) => ({ directory, hierarchy }));
  });
  const rooms = await Promise.all(
    levels.map(async ({ directory, hierarchy }) => readRoom(directory, hierarchy, rssBytes)),
  );
  return rooms.filter((room) => room !== null).filter(({ limitBytes }) => limitBytes < sources.totalBytes);
}

/** Names of the files: https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/memory.html. */
interface Hierarchy {
  readonly root: string;
  /** The line of `/proc/self/cgroup` with the process's own group. */
  readonly own: RegExp;
  readonly limits: readonly string[];
  readonly usage: string;
  /** In `memory.stat`, descendants included. */
  readonly inactiveFile: RegExp;
}

/** Where Node, too, looks for them (libuv, src/unix/linux.c `uv_get_constrained_memory`). */
const HIERARCHIES: readonly Hierarchy[] = [
  {
    root: '.',
    own: /^0::(.*)$/m,
    // Above `high` the kernel kills nobody, but slows the group down so far that no pause could be predicted.
    limits: ['memory.max', 'memory.high'],
    usage: 'memory.current',
    inactiveFile: /^inactive_file (\d+)$/m,
  },
  {
    root: 'memory',
    own: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m,
    limits: ['memory.limit_in_bytes'],
    usage: 'memory.usage_in_bytes',
    inactiveFile: /^total_inactive_file (\d+)$/m,
  },
];

/**
 * In a container the path is often that of the host, while the mount begins at the container's own group: then only the
 * root is there, and it is the right one.
 */
function directoriesUpTo(root: string, path: string): string[] {
  const own = join(root, path);
  const directories: string[] = [];
  for (let directory = own; directory.startsWith(`${root}/`); directory = dirname(directory)) {
    directories.push(directory.replace(/\/$/, ''));
  }
  return [...new Set([...directories, root])];
}

async function readRoom(
  directory: string,
  hierarchy: Hierarchy,
  rssBytes: number,
): Promise<GroupRoom | null> {
  const limits = await Promise.all(hierarchy.limits.map(async (file) => readBytes(join(directory, file))));
  const limitBytes = Math.min(...limits.map((limit) => limit ?? Infinity));
  if (limitBytes === Infinity) return null;
  const [usageBytes, stat] = await Promise.all([
    readBytes(join(directory, hierarchy.usage)),
    readText(join(directory, 'memory.stat')),
  ]);
  const inactiveFileBytes = Number(hierarchy.inactiveFile.exec(stat ?? '')?.[1] ?? 0);
  const takenBytes = usageBytes === null ? rssBytes : Math.max(0, usageBytes - inactiveFileBytes);
  return { limitBytes, roomBytes: Math.max(0, limitBytes - takenBytes) };
}

/** Null for `max`, and for what is no number of bytes. */
async function readBytes(path: string): Promise<number | null> {
  const text = (await readText(path))?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null; // not this version of cgroups, not Linux, or hidden
  }
}
