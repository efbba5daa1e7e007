import { predictCost } from './capture-cost.ts';
import { guardResult, type Guard } from './guard.ts';
import { bytesText } from './quantity-text.ts';

/** The capture must not be what the kernel kills the process for. */
export const memoryHeadroom: Guard = ({ kind, facts, policy }) => {
  const neededBytes = Math.ceil(predictCost(kind, facts, policy).extraRssBytes);
  const { heapUsedBytes, rssBytes, reusableBytes, memory } = facts;
  const { limitBytes } = memory;
  const availableBytes = memory.availableBytes + reusableBytes;
  return guardResult('memory-headroom', neededBytes <= availableBytes, {
    reason: `Needs ${bytesText(neededBytes)} free, ${bytesText(availableBytes)} is there.`,
    numbers: {
      neededBytes,
      availableBytes,
      heapUsedBytes,
      rssBytes,
      ...(reusableBytes > 0 && { reusableBytes }),
      ...(limitBytes !== null && { limitBytes }),
      ...(kind === 'heap-snapshot' && { headroomRatio: policy.headroomRatio }),
      headroomMarginRatio: policy.headroomMarginRatio,
    },
  });
};
