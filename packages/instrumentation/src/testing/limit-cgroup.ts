import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MIB = 1024 * 1024;

/** Limits of a memory cgroup, MiB. */
export interface GroupLimits {
  readonly maxMib?: number;
  readonly highMib?: number;
  /** Limit of the group around it. */
  readonly parentMaxMib?: number;
}

/** What the files of a version 2 group say; what is missing has no file. */
export interface GroupFiles {
  readonly max?: string;
  readonly high?: string;
}

/** Surroundings of a process: how to start it there, and how to get rid of them. */
export interface Surroundings {
  readonly wrapper: readonly string[];
  /** Takes all limits away from the running process: the kernel must not kill what V8 still allows. */
  lift(): void;
  remove(): void;
}

/**
 * A cgroup of the kernel.
 * @throws with the reason where this process may not make one.
 */
export function createMemoryGroup(name: string, limits: GroupLimits): Surroundings {
  const files = existsSync('/sys/fs/cgroup/memory') ? FILES_V1 : FILES_V2;
  const outer = makeOuterGroup(name, files);
  const group = join(outer, 'inner');
  const remove = (): void => [group, outer].filter(existsSync).forEach((path) => rmdirSync(path));
  try {
    // A group of version 2 hands its controllers on only when told.
    if (files === FILES_V2) writeFileSync(join(outer, 'cgroup.subtree_control'), '+memory');
    mkdirSync(group);
    const settings = [
      [outer, files.max, limits.parentMaxMib],
      [group, files.max, limits.maxMib],
      [group, files.high, limits.highMib],
    ] as const;
    const wanted = settings.filter(([, , mib]) => mib !== undefined);
    for (const [path, file, mib = 0] of wanted) writeFileSync(join(path, file), String(mib * MIB));
    return {
      wrapper: ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', group],
      lift() {
        for (const [path, file] of wanted) writeFileSync(join(path, file), files.none);
      },
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

interface GroupNames {
  readonly max: string;
  readonly high: string;
  readonly none: string;
  readonly root: string;
  /** The line of `/proc/self/cgroup` that has our own group. */
  readonly own: RegExp;
}

const FILES_V2: GroupNames = {
  max: 'memory.max',
  high: 'memory.high',
  none: 'max',
  root: '/sys/fs/cgroup',
  own: /^0::(.*)$/m,
};

const FILES_V1: GroupNames = {
  max: 'memory.limit_in_bytes',
  high: 'memory.soft_limit_in_bytes',
  none: '-1',
  root: '/sys/fs/cgroup/memory',
  own: /^\d+:memory:(.*)$/m,
};

/** In our own group, or in the nearest one around it that has the memory controller to give. */
function makeOuterGroup(name: string, files: GroupNames): string {
  const own = files.own.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  for (let parent = join(files.root, own); parent.startsWith(files.root); parent = dirname(parent)) {
    const group = join(parent, `heapfloor-${process.pid}-${name}`);
    mkdirSync(group);
    if (existsSync(join(group, files.max))) return group;
    rmdirSync(group);
  }
  throw new Error('no cgroup here has the memory controller');
}

/**
 * The files of a cgroup as the kernel would show them, put over the real ones in a mount namespace of the process: Node
 * only ever reads them. So version 2 is tried on a machine of version 1, and what no kernel does on purpose.
 * @throws with the reason where this process may not mount.
 */
export function createGroupView(files: GroupFiles): Surroundings {
  const directory = mkdtempSync(join(tmpdir(), 'heapfloor-view-'));
  mkdirSync(join(directory, 'sys/app'), { recursive: true });
  writeFileSync(join(directory, 'cgroup'), '0::/app\n');
  for (const [file, text] of Object.entries(files))
    writeFileSync(join(directory, 'sys/app', `memory.${file}`), `${text}\n`);
  const script =
    'mount --bind "$0/cgroup" /proc/$$/cgroup && mount --bind "$0/sys" /sys/fs/cgroup && exec "$@"';
  const options = ['--mount', '--map-root-user', 'sh', '-c', script, directory];
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const { status, stderr, error } = spawnSync('unshare', [...options, 'true'], { encoding: 'utf8' });
  if (status === 0) return { wrapper: ['unshare', ...options], lift() {}, remove };
  remove();
  throw error ?? new Error(stderr.trim());
}
