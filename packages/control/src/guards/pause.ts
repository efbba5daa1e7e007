import { guardResult, SNAPSHOT_KINDS, type Guard, type GuardInput } from './guard.ts';
import { planPause, type PausePlan } from './pause-plan.ts';
import { durationText } from './quantity-text.ts';

/**
 * The service stands still for a snapshot of its main isolate: no longer than the operator allows, in service or drained,
 * and no longer than half of what the liveness probe forgives, so that a prediction that is half the truth kills nobody.
 */
export const pause: Guard = (input) => {
  const { kind, facts, policy } = input;
  if (!SNAPSHOT_KINDS.includes(kind) || !facts.pausesMain) return null;
  const { maxPauseMs, maxDrainedPauseMs, probeBudgetMs } = policy;
  const plan = planPause(input);
  const { predictedPauseMs, pauseMsPerMib, canDrain } = plan;
  const { isAllowed, why } = judge(plan, input);
  return guardResult('pause', isAllowed, {
    reason: `The service is expected to stand still for ${durationText(predictedPauseMs)}, ${why}.`,
    numbers: {
      predictedPauseMs,
      maxPauseMs,
      ...(canDrain && { maxDrainedPauseMs }),
      ...(probeBudgetMs !== null && { probeBudgetMs }),
      pauseMsPerMib,
      ...(facts.learned !== null && {
        learnedPauseMsPerMib: facts.learned.pauseMsPerMib,
        learnedCaptureCount: facts.learned.captureCount,
      }),
    },
  });
};

function judge(
  { predictedPauseMs, canDrain }: PausePlan,
  { facts: { drain }, policy: { maxPauseMs, maxDrainedPauseMs, probeBudgetMs } }: GuardInput,
): { isAllowed: boolean; why: string } {
  const isNoticed = probeBudgetMs !== null && !drain.answersLiveness && predictedPauseMs > probeBudgetMs / 2;
  if (isNoticed) {
    const why = `more than half of the ${durationText(probeBudgetMs)} that the liveness probe forgives; let HEAPFLOOR_CONTROL_PROBE_LISTEN answer it`;
    return { isAllowed: false, why };
  }
  if (predictedPauseMs <= maxPauseMs) {
    return { isAllowed: true, why: `within the ${durationText(maxPauseMs)} of an instance in service` };
  }
  if (canDrain) {
    return { isAllowed: true, why: `within the ${durationText(maxDrainedPauseMs)} of a drained instance` };
  }
  const isTooLongDrained = drain.isConfigured && predictedPauseMs > maxDrainedPauseMs;
  const why = isTooLongDrained
    ? `more than the ${durationText(maxDrainedPauseMs)} of a drained instance`
    : `more than the ${durationText(maxPauseMs)} of an instance in service`;
  return { isAllowed: false, why };
}
