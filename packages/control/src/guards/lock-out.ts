import { guardResult, type Guard } from './guard.ts';
import { durationText, kindText } from './quantity-text.ts';

/** What took a process down once would do it again at the next alert; only a person can know what has changed. */
export const lockOut: Guard = ({ kind, facts, state: { lockouts } }) => {
  const lockout = lockouts.find((candidate) => candidate.kind === kind);
  if (lockout === undefined) {
    return guardResult('lock-out', true, {
      reason: `No process died during a ${kindText(kind)}.`,
      numbers: { lockoutCount: 0 },
    });
  }
  const sinceDeathMs = Math.max(0, facts.nowMs - lockout.sinceMs);
  return guardResult('lock-out', false, {
    reason: `A process died during capture ${lockout.captureId}, which began ${durationText(sinceDeathMs)} ago; find out why, then run heapfloor capture <target> --reset ${kind}.`,
    numbers: { lockoutCount: 1, sinceDeathMs },
  });
};
