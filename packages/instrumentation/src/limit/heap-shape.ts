import type { HeapFlags } from './heap-flags.ts';

const MIB = 1024 * 1024;
/** V8 cuts its spaces into pages of this size. */
const PAGE_BYTES = MIB / 4;

/** The two halves of `heap_size_limit`. */
export interface HeapShape {
  readonly oldBytes: number;
  readonly youngBytes: number;
}

/** How one V8 sizes the young generation. A semi-space counts 3 times, with `--minor-ms` 2 times. */
export interface YoungRules {
  readonly semiSpaceCount: number;
  readonly minSemiBytes: number;
  readonly isPowerOfTwo: boolean;
  /** The default, by the memory of the machine. */
  semiOfMemory(memoryBytes: number): number;
  /** The share of a total that `--max-heap-size` gives. */
  semiOfHeap(heapBytes: number): number;
}

/**
 * The sizes that V8 makes of flags and constraints; `Heap::ConfigureHeap` in v8/src/heap/heap.cc, whose order is kept.
 * The constraints are what Node asks for: a default by memory, or a worker's `resourceLimits`.
 */
export function configureHeap(flags: HeapFlags, constraints: HeapShape, rules: YoungRules): HeapShape {
  const semi = semiBytes(flags, constraints, rules);
  const rounded = rules.isPowerOfTwo ? 2 ** Math.ceil(Math.log2(semi)) : floorToPage(semi);
  const youngBytes = rules.semiSpaceCount * Math.max(rounded, rules.minSemiBytes);
  const oldBytes =
    mibFlag(flags.maxOldSpaceSize) ??
    (flags.maxHeapSize === null ? constraints.oldBytes : flags.maxHeapSize * MIB - youngBytes);
  return { oldBytes: Math.max(MIB, floorToPage(oldBytes)), youngBytes };
}

function semiBytes(flags: HeapFlags, constraints: HeapShape, rules: YoungRules): number {
  // Both flags imply --max-semi-space-size=1 (v8/src/flags/flag-definitions.h).
  if (flags.smallYoung) return MIB;
  if (flags.maxSemiSpaceSize !== null) return flags.maxSemiSpaceSize * MIB;
  if (flags.maxHeapSize === null) return Math.trunc(constraints.youngBytes / rules.semiSpaceCount);
  if (flags.maxOldSpaceSize === null) return rules.semiOfHeap(flags.maxHeapSize * MIB);
  return (Math.max(0, flags.maxHeapSize - flags.maxOldSpaceSize) * MIB) / rules.semiSpaceCount;
}

/** What Node asks V8 for without a flag: `ResourceConstraints::ConfigureDefaults`. */
export function defaultConstraints(memoryBytes: number, rules: YoungRules): HeapShape {
  return {
    oldBytes: defaultOldBytes(memoryBytes),
    youngBytes: rules.semiSpaceCount * rules.semiOfMemory(memoryBytes),
  };
}

function defaultOldBytes(memoryBytes: number): number {
  const most = memoryBytes >= 15 * 1024 * MIB ? 4096 : 2048;
  return ceilToPage(clamp(memoryBytes / 2, 256 * MIB, most * MIB));
}

/** Before Node 26 (V8 14.6) the young generation follows the old one, since then the total. */
export function youngRules(nodeMajor: number, minorMs: boolean): YoungRules {
  const shape = { semiSpaceCount: minorMs ? 2 : 3, isPowerOfTwo: !minorMs };
  return nodeMajor >= 26
    ? { ...shape, minSemiBytes: MIB / 2, ...semiByTotal(minorMs) }
    : { ...shape, minSemiBytes: MIB, ...semiByOld(nodeMajor, minorMs) };
}

function semiByTotal(minorMs: boolean): Pick<YoungRules, 'semiOfMemory' | 'semiOfHeap'> {
  const { ratio, mostMib } = minorMs ? { ratio: 4, mostMib: 72 } : { ratio: 32, mostMib: 32 };
  const semiOf = (totalBytes: number): number =>
    clamp(ceilToPage(totalBytes / ratio), 2 * MIB, mostMib * MIB);
  return {
    semiOfMemory: (memoryBytes) => semiOf(memoryBytes / 4),
    // Fitted to `initial_limit`: with --minor-ms an odd total leaves the old generation the smaller half.
    semiOfHeap: (heapBytes) => 2 * ceilToPage(semiOf(heapBytes) / 2),
  };
}

function semiByOld(nodeMajor: number, minorMs: boolean): Pick<YoungRules, 'semiOfMemory' | 'semiOfHeap'> {
  const { ratio, mostMib } = nodeMajor >= 24 ? { ratio: 32, mostMib: 64 } : { ratio: 128, mostMib: 16 };
  const semiOf = (oldBytes: number): number => {
    const isLow = oldBytes <= 256 * MIB;
    if (minorMs && !isLow) return 144 * MIB;
    const wanted = oldBytes / (isLow ? (minorMs ? 128 : 256) : ratio);
    return ceilToPage(clamp(wanted, MIB, mostMib * MIB));
  };
  return {
    semiOfMemory: (memoryBytes) => semiOf(defaultOldBytes(memoryBytes)),
    semiOfHeap: (heapBytes) => semiOf(largestOldBytes(heapBytes, semiOf, minorMs ? 2 : 3)),
  };
}

/** `Heap::GenerationSizesFromHeapSize`: the largest old generation that leaves room for its young one. */
function largestOldBytes(
  heapBytes: number,
  semiOf: (oldBytes: number) => number,
  semiSpaceCount: number,
): number {
  let oldBytes = heapBytes;
  // At most 1,152 rounds: no young generation is larger than 288 MiB.
  while (oldBytes > 0 && oldBytes + semiSpaceCount * semiOf(oldBytes) > heapBytes) oldBytes -= PAGE_BYTES;
  return oldBytes;
}

function mibFlag(mib: number | null): number | null {
  return mib === null ? null : mib * MIB;
}

function ceilToPage(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

function floorToPage(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
