import type { HeapFlags } from './heap-flags.ts';

const MIB = 1024 * 1024;

/** How the limit was found; exported as an attribute. `derived` means that no single source explains the numbers. */
export type LimitSource =
  | 'flag'
  | 'percentage'
  | 'heap_flag'
  | 'worker_resource_limits'
  | 'default'
  | 'derived';

export interface OldSpaceLimit {
  readonly bytes: number;
  readonly source: LimitSource;
}

export interface LimitFacts {
  readonly flags: HeapFlags;
  readonly nodeMajor: number;
  readonly totalMemoryBytes: number;
  /** `process.constrainedMemory()`: 0 or about 2^64 without a limit. */
  readonly constrainedMemoryBytes: number;
  /** `v8.getHeapStatistics().heap_size_limit`: the old limit plus the young generation. */
  readonly heapSizeLimitBytes: number;
  /** `worker_threads.resourceLimits`; null in the main thread. MiB. */
  readonly worker: {
    readonly maxOldGenerationSizeMb: number;
    readonly maxYoungGenerationSizeMb: number;
  } | null;
}

/**
 * The true old-space limit. `heap_size_limit` is not it: that one adds the young generation, 3 to 384 MiB.
 * The formulas were fitted to V8's own `initial_limit` (see the oracle test), not taken from documentation.
 */
export function deriveOldSpaceLimit(facts: LimitFacts): OldSpaceLimit {
  const { mib, source } = facts.worker === null ? mainLimit(facts) : workerLimit(facts, facts.worker);
  return { bytes: Math.round(mib * MIB), source };
}

interface Mib {
  readonly mib: number;
  readonly source: LimitSource;
}

function mainLimit(facts: LimitFacts): Mib {
  return flaggedLimit(facts) ?? unflaggedLimit(facts);
}

function flaggedLimit(facts: LimitFacts): Mib | null {
  const { flags } = facts;
  if (flags.maxOldSpaceSizePercentage !== null) {
    const mib = Math.trunc((memoryMib(facts) * flags.maxOldSpaceSizePercentage) / 100);
    return { mib, source: 'percentage' };
  }
  if (flags.maxOldSpaceSize !== null) return { mib: flags.maxOldSpaceSize, source: 'flag' };
  if (flags.maxHeapSize === null) return null;
  const mib = flags.maxHeapSize - 3 * heapFlagSemiMib(facts, flags.maxHeapSize);
  return { mib, source: flags.minorMs ? 'derived' : 'heap_flag' };
}

/** `heap_size_limit` minus the young generation holds even when a flag was set where we cannot see it. */
function unflaggedLimit(facts: LimitFacts): Mib {
  const expected = defaultLimitMib(memoryMib(facts));
  // Their young generation is not of the default size, so the subtraction below would be wrong.
  if (facts.flags.minorMs || facts.flags.smallYoung) return { mib: expected, source: 'derived' };
  const mib = facts.heapSizeLimitBytes / MIB - 3 * defaultSemiMib(facts);
  // One MiB: V8 rounds half of an odd memory size to its own pages.
  return { mib, source: Math.abs(mib - expected) <= 1 ? 'default' : 'derived' };
}

/**
 * In a worker the process flag beats `resourceLimits`, which reports the wish; so they count only when they agree
 * with `heap_size_limit`.
 */
function workerLimit(facts: LimitFacts, worker: NonNullable<LimitFacts['worker']>): Mib {
  const heapMib = facts.heapSizeLimitBytes / MIB;
  const wished = worker.maxOldGenerationSizeMb;
  const mib = heapMib - 3 * powerOfTwo(worker.maxYoungGenerationSizeMb / 3);
  if (mib === wished) return { mib, source: 'worker_resource_limits' };
  const flagged = flaggedLimit(facts);
  if (flagged !== null) return flagged;
  const semi = (heapMib - wished) / 3;
  return semi >= 1 && semi === powerOfTwo(semi)
    ? { mib: wished, source: 'worker_resource_limits' }
    : { mib, source: 'derived' };
}

/** What V8 believes the machine has. */
function memoryMib({ totalMemoryBytes, constrainedMemoryBytes }: LimitFacts): number {
  const isConstrained = constrainedMemoryBytes > 0 && constrainedMemoryBytes < totalMemoryBytes;
  return (isConstrained ? constrainedMemoryBytes : totalMemoryBytes) / MIB;
}

function defaultLimitMib(memory: number): number {
  return Math.min(Math.max(memory / 2, 256), memory >= 15 * 1024 ? 4096 : 2048);
}

/** The default semi-space follows the memory, not the old-space flag. */
function defaultSemiMib(facts: LimitFacts): number {
  if (facts.flags.maxSemiSpaceSize !== null) return powerOfTwo(facts.flags.maxSemiSpaceSize);
  const memory = memoryMib(facts);
  if (facts.nodeMajor >= 26) return semiOfTotal(memory / 4);
  const { ratio, most } = youngShape(facts.nodeMajor);
  const old = defaultLimitMib(memory);
  return old <= 256 ? 1 : Math.min(most, powerOfTwo(old / ratio));
}

/** With `--max-heap-size` the young generation is carved out of the given total. */
function heapFlagSemiMib(facts: LimitFacts, heapMib: number): number {
  if (facts.flags.maxSemiSpaceSize !== null) return powerOfTwo(facts.flags.maxSemiSpaceSize);
  if (facts.flags.smallYoung) return 1;
  if (facts.nodeMajor >= 26) return semiOfTotal(heapMib);
  const { ratio, most } = youngShape(facts.nodeMajor);
  const old = heapMib / (1 + 3 / ratio);
  return old > 256 ? Math.min(most, powerOfTwo(old / ratio)) : 1;
}

function semiOfTotal(mib: number): number {
  return Math.min(32, Math.max(2, powerOfTwo(mib / 32)));
}

/** Old generation per semi-space, and the largest semi-space, before Node 26. */
function youngShape(nodeMajor: number): { ratio: number; most: number } {
  return nodeMajor >= 24 ? { ratio: 32, most: 64 } : { ratio: 128, most: 16 };
}

/** The next power of two of the next whole number. */
function powerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, Math.ceil(value))));
}
