import { guardResult, type AttemptBudget, type Guard, type GuardInput } from './guard.ts';
import { durationText } from './quantity-text.ts';

/**
 * What an alert storm may cost a service, over all its instances. Attempts count: dotnet-monitor counted successes in
 * memory, and filled disks (dotnet/dotnet-monitor#8404).
 */
export const budget: Guard = (input) => {
  const tightest = input.policy.budgets
    .filter(({ kinds }) => kinds.includes(input.kind))
    .map((candidate) => spend(candidate, input))
    .toSorted((a, b) => b.waitMs - a.waitMs || a.leftCount - b.leftCount)[0];
  if (tightest === undefined) return null;
  const { attemptCount, leftCount, waitMs } = tightest;
  const { maxCount, windowMs } = tightest.budget;
  const reason =
    maxCount === 0
      ? 'The budget allows no attempt at all.'
      : `The service has used ${attemptCount} of ${maxCount} attempts within ${durationText(windowMs)}.`;
  return guardResult('budget', leftCount > 0, {
    reason,
    numbers: { attemptCount, maxAttemptCount: maxCount, windowMs },
    retryAtMs: waitMs > 0 && Number.isFinite(waitMs) ? input.facts.nowMs + waitMs : null,
  });
};

interface Spending {
  readonly budget: AttemptBudget;
  readonly attemptCount: number;
  readonly leftCount: number;
  /** Until enough attempts have left the window. */
  readonly waitMs: number;
}

function spend(budget: AttemptBudget, { facts, state }: GuardInput): Spending {
  // Whose start seems to lie in the future was counted before the clock was set back: it counts as of now.
  const agesMs = state.attempts
    .filter(({ kind }) => budget.kinds.includes(kind))
    .map(({ startedAtMs }) => Math.max(0, facts.nowMs - startedAtMs))
    .filter((ageMs) => ageMs < budget.windowMs)
    .toSorted((a, b) => a - b);
  const leftCount = budget.maxCount - agesMs.length;
  // The youngest that has to leave, so that one fewer than the budget remains.
  const leavingAgeMs = budget.maxCount === 0 ? -Infinity : (agesMs[budget.maxCount - 1] ?? budget.windowMs);
  return { budget, attemptCount: agesMs.length, leftCount, waitMs: budget.windowMs - leavingAgeMs };
}
