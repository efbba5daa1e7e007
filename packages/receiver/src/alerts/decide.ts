import type { AlertEvent } from '@heapfloor/contract';
import type { Target } from '../targets/target.ts';

export type IgnoreReason =
  | 'test-alert'
  | 'datasource-no-data'
  | 'datasource-error'
  | 'grafana-state-reason'
  | 'unknown-alertname'
  | 'resolved'
  | 'stale'
  | 'unknown-target'
  | 'ambiguous-target'
  | 'cooldown';

/** What is known when an event comes; read before, so that deciding needs no clock, disk or network. */
export interface DecisionState {
  readonly now: Date;
  /** Targets that the labels select. */
  readonly targets: readonly Target[];
  /** The capture of this alert episode, if there is one. */
  readonly episodeCapture: { readonly id: string; readonly isResolved: boolean } | null;
  /** The last capture of the target, while its cooldown lasts. */
  readonly cooldown: { readonly captureId: string; readonly source: AlertEvent['source'] } | null;
  readonly openJobCount: number;
}

export interface DecisionPolicy {
  readonly alertNames: readonly string[];
  readonly maxAlertAgeSeconds: number;
  readonly maxOpenJobs: number;
}

export type Decision =
  | { readonly action: 'capture'; readonly target: Target }
  /** The episode has its capture already. */
  | { readonly action: 'duplicate'; readonly captureId: string }
  /** Another source tells of the same incident: its episode becomes part of that capture. */
  | { readonly action: 'join'; readonly captureId: string }
  /** Resolved: noted on the capture, nothing else. */
  | { readonly action: 'annotate'; readonly captureId: string; readonly detail: string }
  | { readonly action: 'ignore'; readonly reason: IgnoreReason }
  | { readonly action: 'overload' };

/**
 * What Grafana sends in the rule's name without the rule being met (`pkg/services/ngalert/state/compat.go` of grafana/grafana).
 * The rule's own labels are on them, so a label alone must never trigger.
 */
const SYNTHETIC_ALERTS: Readonly<Record<string, IgnoreReason>> = {
  TestAlert: 'test-alert',
  DatasourceNoData: 'datasource-no-data',
  DatasourceError: 'datasource-error',
};

/** Why Grafana changed the state, when it was not the query's value: NoData, Error, MissingSeries, KeepLast, … */
const STATE_REASON_ANNOTATION = 'grafana_state_reason';

/** One capture per alert episode, and never two on one target within the cooldown. */
export function decide(event: AlertEvent, state: DecisionState, policy: DecisionPolicy): Decision {
  const synthetic = SYNTHETIC_ALERTS[event.alertname];
  if (synthetic !== undefined) return { action: 'ignore', reason: synthetic };
  if (!policy.alertNames.includes(event.alertname)) return { action: 'ignore', reason: 'unknown-alertname' };
  if (event.status === 'resolved') return decideResolved(event, state);
  if (event.annotations[STATE_REASON_ANNOTATION] !== undefined) {
    return { action: 'ignore', reason: 'grafana-state-reason' };
  }
  if (state.episodeCapture !== null) return { action: 'duplicate', captureId: state.episodeCapture.id };
  return decideNewEpisode(event, state, policy);
}

/** Resolved is not always recovered: a series also ends when its process dies. */
export function describeResolved(event: AlertEvent): string {
  const reason = event.annotations[STATE_REASON_ANNOTATION];
  const at = event.endsAt === null ? '' : ` at ${event.endsAt}`;
  if (reason === 'MissingSeries' || reason === 'NoData') {
    return `${event.alertname} ended${at} because its series vanished (${reason}): the process may have died, this is no recovery.`;
  }
  return reason === undefined
    ? `${event.alertname} resolved${at}.`
    : `${event.alertname} resolved${at}, state reason ${reason}.`;
}

function decideResolved(event: AlertEvent, state: DecisionState): Decision {
  const capture = state.episodeCapture;
  if (capture === null || capture.isResolved) return { action: 'ignore', reason: 'resolved' };
  return { action: 'annotate', captureId: capture.id, detail: describeResolved(event) };
}

function decideNewEpisode(event: AlertEvent, state: DecisionState, policy: DecisionPolicy): Decision {
  const ageMs = state.now.getTime() - new Date(event.startsAt).getTime();
  if (ageMs > policy.maxAlertAgeSeconds * 1000) return { action: 'ignore', reason: 'stale' };
  const [target, ...others] = state.targets;
  if (target === undefined) return { action: 'ignore', reason: 'unknown-target' };
  if (others.length > 0) return { action: 'ignore', reason: 'ambiguous-target' };
  if (state.cooldown !== null) {
    return state.cooldown.source === event.source
      ? { action: 'ignore', reason: 'cooldown' }
      : { action: 'join', captureId: state.cooldown.captureId };
  }
  if (state.openJobCount >= policy.maxOpenJobs) return { action: 'overload' };
  return { action: 'capture', target };
}
