import type { CaptureKind } from '@heapfloor/contract';
import { guardResult, SNAPSHOT_KINDS, type Guard } from './guard.ts';
import { durationText } from './quantity-text.ts';

const HEAVY_KINDS: readonly CaptureKind[] = ['heap-profile', 'cpu-profile', ...SNAPSHOT_KINDS];

/**
 * A heap that fills after the start looks like a leak, and a snapshot while a worker starts has crashed Node
 * (nodejs/node#37069). What costs nothing is taken at any time.
 */
export const warmUp: Guard = ({ kind, facts, policy: { warmUpMs } }) => {
  if (!HEAVY_KINDS.includes(kind)) return null;
  const uptimeMs = Math.max(0, Math.round(facts.uptimeMs));
  const remainingMs = Math.max(0, warmUpMs - uptimeMs);
  const isOver = remainingMs === 0;
  return guardResult('warm-up', isOver, {
    reason: `The process started ${durationText(uptimeMs)} ago, its warm-up of ${durationText(warmUpMs)} is ${isOver ? '' : 'not '}over.`,
    numbers: { uptimeMs, warmUpMs, remainingMs },
    retryAtMs: isOver ? null : facts.nowMs + remainingMs,
  });
};
