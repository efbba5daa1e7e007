import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A real memory cgroup with another one around it. */
export interface MemoryGroup {
  /** Put before a command, it starts the command in the inner group. */
  readonly wrapper: readonly string[];
  /** Only when its processes have ended. */
  readonly remove: () => void;
}

interface GroupNames {
  readonly max: string;
  readonly root: string;
  /** The line of `/proc/self/cgroup` that has our own group. */
  readonly own: RegExp;
}

const V2: GroupNames = { max: 'memory.max', root: '/sys/fs/cgroup', own: /^0::(.*)$/m };
const V1: GroupNames = {
  max: 'memory.limit_in_bytes',
  root: '/sys/fs/cgroup/memory',
  own: /^\d+:memory:(.*)$/m,
};

/** @throws with the reason where this process may not make one. */
export function createMemoryGroup(limits: {
  readonly maxBytes?: number;
  readonly parentMaxBytes?: number;
}): MemoryGroup {
  const names = existsSync(V1.root) ? V1 : V2;
  const outer = makeOuterGroup(names);
  const group = join(outer, 'inner');
  const remove = (): void => [group, outer].filter(existsSync).forEach((path) => rmdirSync(path));
  try {
    // A group of version 2 hands its controllers on only when told.
    if (names === V2) writeFileSync(join(outer, 'cgroup.subtree_control'), '+memory');
    mkdirSync(group);
    const { maxBytes, parentMaxBytes } = limits;
    if (parentMaxBytes !== undefined) writeFileSync(join(outer, names.max), String(parentMaxBytes));
    if (maxBytes !== undefined) writeFileSync(join(group, names.max), String(maxBytes));
  } catch (error) {
    remove();
    throw error;
  }
  return { wrapper: ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', group], remove };
}

/** In our own group, or in the nearest one around it that has the memory controller to give. */
function makeOuterGroup(names: GroupNames): string {
  const own = names.own.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  for (let parent = join(names.root, own); parent.startsWith(names.root); parent = dirname(parent)) {
    const group = join(parent, `heapfloor-${process.pid}-${performance.now().toFixed(3)}`);
    mkdirSync(group);
    if (existsSync(join(group, names.max))) return group;
    rmdirSync(group);
  }
  throw new Error('no cgroup here has the memory controller');
}
