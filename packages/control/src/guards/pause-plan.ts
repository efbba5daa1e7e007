import { snapshotHeapBytes } from './capture-cost.ts';
import type { GuardInput } from './guard.ts';
import { predictRatio } from './predict-ratio.ts';

/** How long the isolate will stand still, and what that takes. */
export interface PausePlan {
  readonly heapBytes: number;
  readonly predictedPauseMs: number;
  readonly pauseMsPerMib: number;
  /** Too long, or too large a heap, for an instance in service. */
  readonly needsDrain: boolean;
  /** Whether a drained instance may stand still for so long. Nobody knows when a heap will reach its limit. */
  readonly canDrain: boolean;
}

export function planPause({ kind, facts, policy }: GuardInput): PausePlan {
  const heapBytes = snapshotHeapBytes(kind, facts);
  const pauseMsPerMib = predictRatio(facts.learned?.pauseMsPerMib, policy.pauseMsPerMib);
  const predictedPauseMs = Math.ceil((heapBytes / 2 ** 20) * pauseMsPerMib);
  const isTooLong = facts.pausesMain && predictedPauseMs > policy.maxPauseMs;
  return {
    heapBytes,
    predictedPauseMs,
    pauseMsPerMib,
    needsDrain: isTooLong || heapBytes > policy.heapCeilingBytes,
    canDrain:
      facts.drain.isConfigured && kind !== 'near-heap-limit' && predictedPauseMs <= policy.maxDrainedPauseMs,
  };
}
