import { guardResult, type Guard } from './guard.ts';
import { bytesText } from './quantity-text.ts';

/**
 * The pause grows with the heap without bound: 0.07 to 0.12 s per MiB of small objects were measured, so half a
 * gigabyte stands still for up to a minute.
 */
export const heapCeiling: Guard = ({ kind, facts: { heapUsedBytes }, policy: { heapCeilingBytes } }) => {
  if (kind !== 'heap-snapshot') return null;
  const isBelow = heapUsedBytes <= heapCeilingBytes;
  const relation = isBelow ? 'within' : 'above';
  return guardResult('heap-ceiling', isBelow, {
    reason: `HeapUsed ${bytesText(heapUsedBytes)} is ${relation} the ceiling of ${bytesText(heapCeilingBytes)}.`,
    numbers: { heapUsedBytes, heapCeilingBytes },
  });
};
