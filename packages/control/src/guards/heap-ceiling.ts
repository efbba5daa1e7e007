import { guardResult, SNAPSHOT_KINDS, type Guard } from './guard.ts';
import { planPause } from './pause-plan.ts';
import { bytesText } from './quantity-text.ts';

/**
 * The pause grows with the heap without bound: 0.07 to 0.17 s per MiB of small objects were measured, so half a gigabyte
 * stands still for up to a minute and a half. A bound that no learned value can move; only a drained instance may pass it.
 */
export const heapCeiling: Guard = (input) => {
  if (!SNAPSHOT_KINDS.includes(input.kind)) return null;
  const { kind, facts, policy } = input;
  const { heapCeilingBytes, maxDrainedPauseMs } = policy;
  const { heapBytes, canDrain, predictedPauseMs } = planPause(input);
  const isBelow = heapBytes <= heapCeilingBytes;
  const isAtLimit = kind === 'near-heap-limit';
  const relation = isBelow ? 'within' : 'above';
  const ending = isBelow || !canDrain ? '.' : ', allowed as the instance is drained.';
  return guardResult('heap-ceiling', isBelow || canDrain, {
    reason: `${isAtLimit ? 'The heap limit of' : 'HeapUsed'} ${bytesText(heapBytes)} is ${relation} the ceiling of ${bytesText(heapCeilingBytes)}${ending}`,
    numbers: {
      [isAtLimit ? 'heapLimitBytes' : 'heapUsedBytes']: heapBytes,
      heapCeilingBytes,
      ...(!isBelow && facts.drain.isConfigured && { predictedPauseMs, maxDrainedPauseMs }),
    },
  });
};
