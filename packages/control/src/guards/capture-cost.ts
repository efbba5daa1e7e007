import type { CaptureKind } from '@heapfloor/contract';
import type { CaptureFacts, CapturePolicy } from './guard.ts';

export interface CaptureCost {
  /** rss that the capture takes on top, margin included. */
  readonly extraRssBytes: number;
  readonly fileBytes: number;
}

/** Size of a snapshot file per byte of heapUsed; measured 0.9 (Map) to 2.2 (closures) on Node 22 to 26; freeDiskRatio covers the rest. */
const SNAPSHOT_FILE_RATIO = 1.75;

/** Flat costs, above everything measured: neither grows with the heap. */
const PROFILE_COST: CaptureCost = { extraRssBytes: 16 * 2 ** 20, fileBytes: 4 * 2 ** 20 };
const REPORT_COST: CaptureCost = { extraRssBytes: 8 * 2 ** 20, fileBytes: 2 ** 20 };

/**
 * What a capture will cost. A snapshot's real cost follows the number of objects, which nobody knows beforehand
 * (`v8.queryObjects` costs a quarter of the snapshot itself), so the bound is taken from heapUsed.
 */
export function predictCost(kind: CaptureKind, facts: CaptureFacts, policy: CapturePolicy): CaptureCost {
  const { extraRssBytes, fileBytes } = coldCost(kind, facts, policy);
  return { extraRssBytes: extraRssBytes * policy.headroomMarginRatio, fileBytes };
}

function coldCost(kind: CaptureKind, { heapUsedBytes }: CaptureFacts, policy: CapturePolicy): CaptureCost {
  if (kind === 'diagnostic-report') return REPORT_COST;
  if (kind === 'heap-profile') return PROFILE_COST;
  return {
    extraRssBytes: heapUsedBytes * policy.headroomRatio,
    fileBytes: heapUsedBytes * SNAPSHOT_FILE_RATIO,
  };
}
