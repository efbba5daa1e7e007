import { guardResult, type Guard } from './guard.ts';
import { durationText, kindText } from './quantity-text.ts';

/** One capture per process, whatever its kind: a snapshot distorts a profile, two snapshots double the memory. */
export const singleFlight: Guard = ({ facts, state: { running } }) => {
  if (running === null) {
    return guardResult('single-flight', true, { reason: 'Nothing else runs.', numbers: { runningCount: 0 } });
  }
  const runningForMs = Math.max(0, facts.nowMs - running.startedAtMs);
  return guardResult('single-flight', false, {
    reason: `Capture ${running.captureId} (${kindText(running.kind)}) has been running for ${durationText(runningForMs)}.`,
    numbers: { runningCount: 1, runningForMs },
  });
};
