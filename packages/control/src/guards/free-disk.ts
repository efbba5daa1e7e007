import { predictCost } from './capture-cost.ts';
import { guardResult, type Guard } from './guard.ts';
import { bytesText } from './quantity-text.ts';

/** A full disk ends more than the capture: pods are evicted for it. */
export const freeDisk: Guard = ({ kind, facts, policy }) => {
  const { diskFreeBytes } = facts;
  const predictedFileBytes = Math.ceil(predictCost(kind, facts, policy).fileBytes);
  const neededBytes = Math.ceil(predictedFileBytes * policy.freeDiskRatio);
  return guardResult('free-disk', neededBytes <= diskFreeBytes, {
    reason: `Needs ${bytesText(neededBytes)} of disk, ${bytesText(diskFreeBytes)} is free.`,
    numbers: { neededBytes, diskFreeBytes, predictedFileBytes, freeDiskRatio: policy.freeDiskRatio },
  });
};
