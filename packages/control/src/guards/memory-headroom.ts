import { predictCost } from './capture-cost.ts';
import { guardResult, type Guard } from './guard.ts';
import { bytesText } from './quantity-text.ts';

/** The capture must not be what the kernel kills the process for. */
export const memoryHeadroom: Guard = (input) => {
  const cost = predictCost(input);
  const neededBytes = Math.ceil(cost.extraRssBytes);
  const { heapUsedBytes, rssBytes, reusableBytes, memory } = input.facts;
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
      ...cost.numbers,
    },
  });
};
