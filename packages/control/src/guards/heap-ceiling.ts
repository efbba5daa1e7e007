import { formatMiB } from '../quantity-text.ts';
import { allow, refuse, type Guard } from './guard.ts';

const NAME = 'heap-ceiling';

/** The pause of a snapshot grows with the heap (70 to 170 ms per MB of small objects), so there is a largest heap. */
export const heapCeiling: Guard = ({ kind, facts: { heapUsedBytes }, policy: { heapCeilingBytes } }) => {
  if (kind !== 'heap-snapshot') return allow(NAME, `does not apply to a ${kind}`);
  const numbers = { heapUsedBytes, heapCeilingBytes };
  return heapUsedBytes <= heapCeilingBytes
    ? allow(NAME, `heap of ${formatMiB(heapUsedBytes)}, at most ${formatMiB(heapCeilingBytes)}`, { numbers })
    : refuse(
        NAME,
        `heap of ${formatMiB(heapUsedBytes)} is above the ceiling of ${formatMiB(heapCeilingBytes)}`,
        { numbers },
      );
};
