import { formatMiB } from '../quantity-text.ts';
import { expectedFileBytes } from './expected-cost.ts';
import { allow, refuse, type Guard } from './guard.ts';

const NAME = 'free-disk';

/** A full disk takes the service down with it, and a pod is evicted for it. */
export const freeDisk: Guard = ({ kind, facts, policy, snapshotCount }) => {
  const fileCount = kind === 'heap-snapshot' ? snapshotCount : 1;
  const expectedBytes = expectedFileBytes(kind, facts.heapUsedBytes) * fileCount;
  const neededBytes = Math.ceil(expectedBytes * policy.diskFactor);
  const numbers = { neededBytes, expectedBytes, freeBytes: facts.diskFreeBytes };
  const shown = `needs ${formatMiB(neededBytes)} of disk, ${formatMiB(facts.diskFreeBytes)} free`;
  return neededBytes <= facts.diskFreeBytes
    ? allow(NAME, shown, { numbers })
    : refuse(NAME, shown, { numbers });
};
