import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { quietly } from '../quietly.ts';
import type { HeapFlags } from './heap-flags.ts';

/** The version of the value's form: another copy of this package may have written it. */
const KEY = 'heapfloor.heap-flags.1';

/** V8's flags are the process', but `new Worker(file, { execArgv: [] })` hides them: so the main thread tells its workers. */
export function shareHeapFlags(flags: HeapFlags): void {
  quietly('sharing the heap flags', () => setEnvironmentData(KEY, { ...flags }));
}

/** What the main thread told; null where it told nothing, or nothing that we understand. */
export function readSharedHeapFlags(): HeapFlags | null {
  let flags: HeapFlags | null = null;
  quietly('reading the shared heap flags', () => {
    flags = parseSharedFlags(getEnvironmentData(KEY));
  });
  return flags;
}

function parseSharedFlags(value: unknown): HeapFlags | null {
  if (typeof value !== 'object' || value === null) return null;
  const { maxOldSpaceSize, maxOldSpaceSizePercentage, maxHeapSize, maxSemiSpaceSize, minorMs, smallYoung } =
    value as Partial<Record<keyof HeapFlags, unknown>>;
  const isComplete =
    isSize(maxOldSpaceSize) &&
    isSize(maxOldSpaceSizePercentage) &&
    isSize(maxHeapSize) &&
    isSize(maxSemiSpaceSize) &&
    typeof minorMs === 'boolean' &&
    typeof smallYoung === 'boolean';
  return isComplete ? (value as HeapFlags) : null;
}

function isSize(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && Number.isFinite(value) && value > 0);
}
