import { guardResult, type Guard } from './guard.ts';
import { durationText } from './quantity-text.ts';

/** A repeated or flapping alert must not pause the app again and again. Attempts count, not successes. */
export const cooldown: Guard = ({ kind, facts, policy, state }) => {
  const cooldownMs = policy.cooldownMs[kind];
  const starts = state.attempts
    .filter((attempt) => attempt.kind === kind)
    .map(({ startedAtMs }) => startedAtMs);
  if (starts.length === 0) {
    return guardResult('cooldown', true, { reason: 'No earlier attempt.', numbers: { cooldownMs } });
  }
  const lastAtMs = Math.max(...starts);
  // A clock that was set back must not lengthen the wait beyond one cooldown.
  const sinceLastAttemptMs = Math.max(0, facts.nowMs - lastAtMs);
  const remainingMs = Math.max(0, cooldownMs - sinceLastAttemptMs);
  const isOver = remainingMs === 0;
  const ago = `the last attempt was ${durationText(sinceLastAttemptMs)} ago`;
  return guardResult('cooldown', isOver, {
    reason: isOver
      ? `Cooldown of ${durationText(cooldownMs)} is over, ${ago}.`
      : `Cooldown of ${durationText(cooldownMs)} is not over, ${ago}.`,
    numbers: { cooldownMs, sinceLastAttemptMs, remainingMs },
    retryAtMs: isOver ? null : facts.nowMs + remainingMs,
  });
};
