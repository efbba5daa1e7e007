import { predictCost } from './capture-cost.ts';
import { guardResult, type Guard } from './guard.ts';
import { bytesText } from './quantity-text.ts';

/** A full disk ends more than the capture: pods are evicted for it. */
export const freeDisk: Guard = (input) => {
  const predictedFileBytes = Math.ceil(predictCost(input).fileBytes);
  if (predictedFileBytes === 0) return null;
  const { freeDiskRatio } = input.policy;
  const diskFreeBytes = input.facts.disk.freeBytes;
  const neededBytes = Math.ceil(predictedFileBytes * freeDiskRatio);
  return guardResult('free-disk', neededBytes <= diskFreeBytes, {
    reason: `Needs ${bytesText(neededBytes)} of disk, ${bytesText(diskFreeBytes)} is free.`,
    numbers: { neededBytes, diskFreeBytes, predictedFileBytes, freeDiskRatio },
  });
};
