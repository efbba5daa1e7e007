import { predictCost } from './capture-cost.ts';
import { guardResult, type Guard } from './guard.ts';

/** Node crashes when it can't write a snapshot (elastic/kibana#170756); the probe finds that out before. */
export const diskWritable: Guard = (input) => {
  if (predictCost(input).fileBytes === 0) return null;
  const { problem } = input.facts.disk;
  return guardResult('disk-writable', problem === null, {
    reason: problem === null ? 'A probe was written.' : `The artifact directory can't be used: ${problem}.`,
    numbers: {},
  });
};
