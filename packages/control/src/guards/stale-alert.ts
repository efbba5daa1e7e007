import { guardResult, type Guard } from './guard.ts';
import { durationText } from './quantity-text.ts';

/**
 * A command can wait in a queue, and the process that the alert was about can have been replaced. Compared with the age
 * of the process by a clock that nobody sets, so a clock that is set makes no process younger or older; an alert that
 * seems to come from the future began now.
 */
export const staleAlert: Guard = ({ request: { alertStartsAtMs }, facts, policy: { alertMaxAgeMs } }) => {
  if (alertStartsAtMs === null) {
    return guardResult('stale-alert', true, { reason: 'No alert asks for it.', numbers: { alertMaxAgeMs } });
  }
  const uptimeMs = Math.max(0, Math.round(facts.uptimeMs));
  const alertAgeMs = Math.max(0, facts.nowMs - alertStartsAtMs);
  const began = `The alert began ${durationText(alertAgeMs)} ago`;
  const numbers = { alertAgeMs, alertMaxAgeMs, uptimeMs };
  if (alertAgeMs > alertMaxAgeMs) {
    const reason = `${began}, at most ${durationText(alertMaxAgeMs)} is acted on.`;
    return guardResult('stale-alert', false, { reason, numbers });
  }
  const isOfThisProcess = alertAgeMs <= uptimeMs;
  return guardResult('stale-alert', isOfThisProcess, {
    reason: isOfThisProcess
      ? `${began}, within ${durationText(alertMaxAgeMs)}.`
      : `${began}, before this process, which started ${durationText(uptimeMs)} ago.`,
    numbers,
  });
};
