import type { HeapFlags } from './heap-flags.ts';
import {
  configureHeap,
  defaultConstraints,
  youngRules,
  type HeapShape,
  type YoungRules,
} from './heap-shape.ts';
import { parseVisibleMemory } from './visible-memory.ts';

const MIB = 1024 * 1024;
/** Above the default of any V8; only a flag makes a larger semi-space, and a flag would explain itself. */
const MOST_SEMI_BYTES = 256 * MIB;

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
  /** The flags that V8 may have been given, the likeliest first; at least one. */
  readonly flagSets: readonly [HeapFlags, ...HeapFlags[]];
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
 * The true old-space limit. `heap_size_limit` is not it: that one adds the young generation, 1.5 to 384 MiB. So both
 * are computed as V8 does it, and a set of flags counts only where the sum is `heap_size_limit` to the byte: an app may
 * change `NODE_OPTIONS` for its children, and a worker cannot see what its parent was given.
 */
export function deriveOldSpaceLimit(facts: LimitFacts): OldSpaceLimit {
  const predictions = facts.flagSets.map((flags) => predict(flags, facts));
  const found = predictions.find(
    ({ oldBytes, youngBytes }) => oldBytes + youngBytes === facts.heapSizeLimitBytes,
  );
  if (found !== undefined) return { bytes: found.oldBytes, source: found.source };
  return unexplainedLimit(predict(facts.flagSets[0], facts), facts.heapSizeLimitBytes);
}

interface Prediction extends HeapShape {
  readonly source: LimitSource;
  readonly rules: YoungRules;
}

function predict(given: HeapFlags, facts: LimitFacts): Prediction {
  const memory = parseVisibleMemory(facts.totalMemoryBytes, facts.constrainedMemoryBytes);
  const rules = youngRules(facts.nodeMajor, given.minorMs);
  const flags = resolvePercentage(given, memory.percentageMib);
  const constraints =
    facts.worker === null ? defaultConstraints(memory.heapBytes, rules) : toShape(facts.worker);
  const unflagged = facts.worker === null ? 'default' : 'worker_resource_limits';
  return {
    ...configureHeap(flags, constraints, rules),
    rules,
    source: flaggedSource(given, flags) ?? unflagged,
  };
}

/** Node turns the percentage into `--max-old-space-size`, after all others; a percentage of nothing unsets it. */
function resolvePercentage(flags: HeapFlags, memoryMib: number): HeapFlags {
  if (flags.maxOldSpaceSizePercentage === null) return flags;
  const mib = Math.trunc((memoryMib * flags.maxOldSpaceSizePercentage) / 100);
  return { ...flags, maxOldSpaceSize: mib > 0 ? mib : null };
}

function flaggedSource(given: HeapFlags, resolved: HeapFlags): LimitSource | null {
  if (resolved.maxOldSpaceSize !== null)
    return given.maxOldSpaceSizePercentage === null ? 'flag' : 'percentage';
  return resolved.maxHeapSize === null ? null : 'heap_flag';
}

function toShape(worker: NonNullable<LimitFacts['worker']>): HeapShape {
  return {
    oldBytes: Math.trunc(worker.maxOldGenerationSizeMb * MIB),
    youngBytes: Math.trunc(worker.maxYoungGenerationSizeMb * MIB),
  };
}

/** Some flag is hidden from us, or this V8 is newer than our rules. */
function unexplainedLimit(likeliest: Prediction, heapSizeLimitBytes: number): OldSpaceLimit {
  const { oldBytes, youngBytes, source, rules } = likeliest;
  const restBytes = heapSizeLimitBytes - oldBytes;
  if (source !== 'default' && isYoungGeneration(restBytes, rules))
    // In a worker a hidden --max-semi-space-size is the likeliest reason, but a hidden old flag can make the same sum.
    return { bytes: oldBytes, source: source === 'worker_resource_limits' ? 'derived' : source };
  // V8 always obeys this flag; so near-limit hooks had raised `heap_size_limit` before we read it.
  if (source === 'flag' && restBytes >= 0) return { bytes: oldBytes, source: 'derived' };
  // The young generation does not depend on the old flag: this holds where that flag is hidden.
  const bytes = heapSizeLimitBytes - youngBytes;
  if (bytes > 0) return { bytes, source: 'derived' };
  // Without a `heap_size_limit` there is nothing to compare with.
  return {
    bytes: heapSizeLimitBytes > 0 ? Math.min(oldBytes, heapSizeLimitBytes) : oldBytes,
    source: 'derived',
  };
}

function isYoungGeneration(bytes: number, rules: YoungRules): boolean {
  const semiBytes = bytes / rules.semiSpaceCount;
  const isPossible = semiBytes >= rules.minSemiBytes && semiBytes <= MOST_SEMI_BYTES;
  return isPossible && (!rules.isPowerOfTwo || Number.isInteger(Math.log2(semiBytes)));
}
