import type { Admission } from './alerts/admit-alert.ts';

/** What happened since the start; counts only, for pages and `GET /api/activity`. */
export interface Activity {
  readonly startedAt: Date;
  /** Of an alert that came by webhook or from the embedded rule. */
  readonly lastWebhookAt: Date | null;
  readonly alertCounts: Readonly<Record<string, number>>;
  noteWebhook(at: Date): void;
  /** `accepted`, `duplicate`, `rejected` or the reason why an alert was ignored. */
  noteAlert(outcome: string): void;
}

export function createActivity(startedAt: Date): Activity {
  let lastWebhookAt: Date | null = null;
  const alertCounts: Record<string, number> = {};
  return {
    startedAt,
    get lastWebhookAt() {
      return lastWebhookAt;
    },
    alertCounts,
    noteWebhook(at) {
      lastWebhookAt = at;
    },
    noteAlert(outcome) {
      alertCounts[outcome] = (alertCounts[outcome] ?? 0) + 1;
    },
  };
}

export function outcomeOf(admission: Admission): string {
  return admission.outcome === 'ignored' ? admission.reason : admission.outcome;
}
