import type { CaptureKind } from '@heapfloor/contract';
import { SNAPSHOT_KINDS, type CaptureFacts, type GuardInput } from './guard.ts';
import { predictRatio } from './predict-ratio.ts';

export interface CaptureCost {
  /** rss that the capture takes on top, margin included. */
  readonly extraRssBytes: number;
  /** 0: no file. */
  readonly fileBytes: number;
  /** What the prediction was made from, beside heapUsed. */
  readonly numbers: Readonly<Record<string, number>>;
}

type FlatKind = Exclude<CaptureKind, 'heap-snapshot' | 'allocation-timeline' | 'near-heap-limit'>;

const MIB = 2 ** 20;

/** Size of a snapshot file per byte of heapUsed; measured 0.9 (Map) to 2.2 (closures) on Node 22 to 26; freeDiskRatio covers the rest. */
const SNAPSHOT_FILE_RATIO = 1.75;

/** None of these grows with the heap; each is above what was measured on Node 22 to 26, Linux x64. */
const FLAT_COSTS: Readonly<Record<FlatKind, { readonly extraRssBytes: number; readonly fileBytes: number }>> =
  {
    /** A few KB of numbers. */
    'metrics-summary': { extraRssBytes: MIB, fileBytes: MIB / 16 },
    /** The text is held twice; grows with threads and open handles. */
    'diagnostic-report': { extraRssBytes: 8 * MIB, fileBytes: MIB },
    /** One stack per sampled allocation that is still alive, at an interval of 512 KiB. */
    'heap-profile': { extraRssBytes: 16 * MIB, fileBytes: 4 * MIB },
    /** 30 s at 1 ms of 3,000 functions that call each other at random, 73,000 nodes: 72 MiB (the margin covers 80), a file of 10 MiB. */
    'cpu-profile': { extraRssBytes: 64 * MIB, fileBytes: 16 * MIB },
    /** Its server and a front end that enables debugger, profiler and heap profiler: 26 MiB. */
    inspector: { extraRssBytes: 32 * MIB, fileBytes: 0 },
  };

/**
 * What a capture will cost. A snapshot's real cost follows the number of objects, which nobody knows beforehand
 * (`v8.queryObjects` costs a quarter of the snapshot itself), so the bound is taken from heapUsed.
 */
export function predictCost({
  kind,
  facts,
  policy,
}: Pick<GuardInput, 'kind' | 'facts' | 'policy'>): CaptureCost {
  const { headroomMarginRatio } = policy;
  if (isFlat(kind)) {
    const { extraRssBytes, fileBytes } = FLAT_COSTS[kind];
    return {
      extraRssBytes: extraRssBytes * headroomMarginRatio,
      fileBytes,
      numbers: { headroomMarginRatio },
    };
  }
  const { learned, heapUsedBytes } = facts;
  const heapBytes = snapshotHeapBytes(kind, facts);
  const headroomRatio = predictRatio(learned?.headroomRatio, policy.headroomRatio);
  return {
    // A heap that first grows to its limit takes that memory too.
    extraRssBytes: heapBytes - heapUsedBytes + heapBytes * headroomRatio * headroomMarginRatio,
    fileBytes: heapBytes * predictRatio(learned?.fileRatio, SNAPSHOT_FILE_RATIO),
    numbers: {
      headroomRatio,
      headroomMarginRatio,
      ...(heapBytes !== heapUsedBytes && { heapLimitBytes: heapBytes }),
      ...(learned !== null && {
        learnedHeadroomRatio: learned.headroomRatio,
        learnedCaptureCount: learned.captureCount,
      }),
    },
  };
}

/** What the snapshot will have to hold: at the limit all that fits below it. */
export function snapshotHeapBytes(
  kind: CaptureKind,
  { heapUsedBytes, heapLimitBytes }: CaptureFacts,
): number {
  return kind === 'near-heap-limit' ? Math.max(heapUsedBytes, heapLimitBytes) : heapUsedBytes;
}

function isFlat(kind: CaptureKind): kind is FlatKind {
  return !SNAPSHOT_KINDS.includes(kind);
}
