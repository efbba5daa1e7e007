import { formatMiB } from '../quantity-text.ts';
import { expectedMemoryBytes } from './expected-cost.ts';
import { allow, refuse, type Guard } from './guard.ts';

const NAME = 'memory-headroom';

/**
 * A snapshot's memory follows the number of objects: 6 to 9 × heapUsed were measured for small ones, not the 2 × of the
 * docs. Without this guard the capture is what kills the process.
 */
export const memoryHeadroom: Guard = ({ kind, facts, policy }) => {
  const neededBytes = expectedMemoryBytes(kind, facts.heapUsedBytes, policy.headroomFactor);
  const { memoryAvailableBytes: availableBytes, rssBytes, heapUsedBytes, memoryLimitBytes } = facts;
  const limit = memoryLimitBytes === null ? {} : { memoryLimitBytes };
  const numbers = { neededBytes, availableBytes, heapUsedBytes, rssBytes, ...limit };
  const shown = `needs ${formatMiB(neededBytes)}, ${formatMiB(availableBytes)} free`;
  return neededBytes <= availableBytes
    ? allow(NAME, shown, { numbers })
    : refuse(NAME, `${shown}: ${formatMiB(neededBytes - availableBytes)} missing`, { numbers });
};
