import { predictCost } from './capture-cost.ts';
import { guardResult, type Guard } from './guard.ts';
import { bytesText } from './quantity-text.ts';

/** Free disk is no budget: hundreds of pods were evicted for dumps that nobody fetched. Over all instances of the directory. */
export const artifactQuota: Guard = (input) => {
  const predictedFileBytes = Math.ceil(predictCost(input).fileBytes);
  if (predictedFileBytes === 0) return null;
  const { usedBytes } = input.facts.disk;
  const { artifactQuotaBytes } = input.policy;
  const neededBytes = usedBytes + predictedFileBytes;
  const isWithin = neededBytes <= artifactQuotaBytes;
  return guardResult('artifact-quota', isWithin, {
    reason: `Artifacts take ${bytesText(usedBytes)}, with about ${bytesText(predictedFileBytes)} more they are ${isWithin ? 'within' : 'above'} the quota of ${bytesText(artifactQuotaBytes)}.`,
    numbers: { neededBytes, artifactQuotaBytes, usedBytes, predictedFileBytes },
  });
};
