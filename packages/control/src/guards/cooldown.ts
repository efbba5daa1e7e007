import type { CaptureKind } from '@heapfloor/contract';
import type { ControlOptions } from '../options.ts';
import { formatDuration } from '../quantity-text.ts';
import { allow, refuse, type Guard } from './guard.ts';

const NAME = 'cooldown';

/** Attempts count, not successes: a capture that fails slowly would be repeated for ever otherwise. */
export const cooldown: Guard = ({ kind, facts, policy }) => {
  const cooldownMs = cooldownOf(kind, policy);
  const last = facts.lastAttempts[kind];
  if (last === undefined) return allow(NAME, 'first attempt of this process', { numbers: { cooldownMs } });
  const elapsedMs = facts.now.getTime() - last.getTime();
  const numbers = { cooldownMs, elapsedMs };
  if (elapsedMs >= cooldownMs)
    return allow(NAME, `last attempt ${formatDuration(elapsedMs)} ago`, { numbers });
  return refuse(
    NAME,
    `last attempt was ${formatDuration(elapsedMs)} ago, ${formatDuration(cooldownMs)} must pass`,
    { numbers, retryAt: new Date(last.getTime() + cooldownMs).toISOString() },
  );
};

function cooldownOf(kind: CaptureKind, policy: ControlOptions): number {
  const cooldownMsOf: Readonly<Record<CaptureKind, number>> = {
    'heap-snapshot': policy.snapshotCooldownMs,
    'heap-profile': policy.profileCooldownMs,
    'diagnostic-report': policy.reportCooldownMs,
  };
  return cooldownMsOf[kind];
}
