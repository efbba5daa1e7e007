import { guardResult, type Guard } from './guard.ts';
import { durationText } from './quantity-text.ts';

/** A repeated or flapping alert must not pause the instance again and again. Attempts count, not successes. */
export const cooldown: Guard = ({ kind, facts, policy, state }) => {
  const cooldownMs = policy.cooldownMs[kind];
  const starts = state.attempts
    .filter((attempt) => attempt.kind === kind && attempt.instance === policy.instance)
    .map(({ startedAtMs }) => startedAtMs);
  if (starts.length === 0) {
    return guardResult('cooldown', true, { reason: 'No earlier attempt.', numbers: { cooldownMs } });
  }
  // A clock that was set back must not lengthen the wait beyond one cooldown.
  const sinceLastAttemptMs = Math.max(0, facts.nowMs - Math.max(...starts));
  const remainingMs = Math.max(0, cooldownMs - sinceLastAttemptMs);
  const isOver = remainingMs === 0;
  return guardResult('cooldown', isOver, {
    reason: `Cooldown of ${durationText(cooldownMs)} is ${isOver ? '' : 'not '}over, the last attempt was ${durationText(sinceLastAttemptMs)} ago.`,
    numbers: { cooldownMs, sinceLastAttemptMs, remainingMs },
    retryAtMs: isOver ? null : facts.nowMs + remainingMs,
  });
};
