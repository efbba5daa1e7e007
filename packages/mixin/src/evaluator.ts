import { ALERT_NODEJS_HEAP_FLOOR_HIGH, isFloorRuleMet, type FloorBreach } from '@heapfloor/contract/rule';
import {
  FLOOR_ALERT_SEVERITY,
  floorAnnotations,
  formatFloorRatio,
  type FloorAnnotations,
} from './alerts/floor-annotations.ts';
import { NumberInvalidError } from './errors.ts';
import { labelFingerprint, sortedLabels } from './label-fingerprint.ts';

export type { FloorAnnotations } from './alerts/floor-annotations.ts';

/** More instances than one receiver without a pipeline serves; one costs some 300 B. */
export const DEFAULT_MAX_INSTANCES = 10_000;

export interface FloorRuleEvaluatorOptions {
  /** Export interval of the app; the span that two samples must be apart. */
  readonly minSpanSeconds: number;
  /** An instance that is silent for so long counts as gone, as after Prometheus' lookback. */
  readonly staleAfterMs: number;
  readonly maxInstances?: number;
}

/** What one export says about one isolate. */
export interface FloorObservation {
  /** Identity: job, instance and whatever else tells isolates apart. Without `alertname` and `severity`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly breach: FloorBreach;
  readonly floorRatio: number;
  /** Of the same clock as `expire`'s `now`. */
  readonly at: Date;
}

/** The alert of one instance began or ended; the fields are those of the contract's `alertEvent`. */
export interface RuleTransition {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: FloorAnnotations;
  readonly fingerprint: string;
  readonly startsAt: string;
  readonly endsAt: string | null;
  /** The last one for which the rule was met: a resolved alert says what it was about, as Prometheus' does. */
  readonly floorRatio: number;
}

export interface FloorRuleEvaluator {
  /** The transition that an observation makes; null where nothing changes. One older than the last is ignored. */
  readonly observe: (observation: FloorObservation) => RuleTransition | null;
  /** Forgets silent instances and resolves those of them that were firing. */
  readonly expire: (now: Date) => RuleTransition[];
  /** Observations of new instances that were refused because as many as allowed were firing. */
  readonly refusedCount: number;
}

interface Episode {
  readonly startsAtMs: number;
  readonly floorRatio: number;
}

interface InstanceState {
  readonly labels: Readonly<Record<string, string>>;
  readonly lastSeenMs: number;
  readonly episode: Episode | null;
}

/**
 * The generated Prometheus rule without a Prometheus: the same alerts, labels, annotations and fingerprints.
 * It holds at most `maxInstances`; beyond that the one that is silent for longest and does not fire is forgotten.
 */
export function createFloorRuleEvaluator(options: FloorRuleEvaluatorOptions): FloorRuleEvaluator {
  const { minSpanSeconds, staleAfterMs, maxInstances = DEFAULT_MAX_INSTANCES } = options;
  assertPositive('minSpanSeconds', minSpanSeconds);
  assertPositive('staleAfterMs', staleAfterMs);
  assertPositive('maxInstances', maxInstances);
  // In the order of the last observation: the first entry is the one that is silent for longest.
  const instances = new Map<string, InstanceState>();
  let refusedCount = 0;
  return {
    observe(observation) {
      const key = JSON.stringify(sortedLabels(observation.labels));
      const previous = instances.get(key);
      if (previous !== undefined && observation.at.getTime() < previous.lastSeenMs) return null;
      if (previous === undefined && instances.size >= maxInstances && !forgetOneCalm(instances)) {
        refusedCount += 1;
        return null;
      }
      const next = nextState(previous, observation, minSpanSeconds);
      instances.delete(key);
      instances.set(key, next);
      return transition(previous?.episode ?? null, next);
    },
    expire(now) {
      const resolved = [];
      for (const [key, state] of instances) {
        if (now.getTime() - state.lastSeenMs < staleAfterMs) continue;
        instances.delete(key);
        const ended = { ...state, lastSeenMs: now.getTime(), episode: null };
        resolved.push(transition(state.episode, ended));
      }
      return resolved.filter((each) => each !== null);
    },
    get refusedCount() {
      return refusedCount;
    },
  };
}

function nextState(
  previous: InstanceState | undefined,
  { labels, breach, floorRatio, at }: FloorObservation,
  minSpanSeconds: number,
): InstanceState {
  const startsAtMs = previous?.episode?.startsAtMs ?? at.getTime();
  const isMet = isFloorRuleMet(breach, minSpanSeconds);
  return { labels, lastSeenMs: at.getTime(), episode: isMet ? { startsAtMs, floorRatio } : null };
}

function transition(
  before: Episode | null,
  { labels, lastSeenMs, episode }: InstanceState,
): RuleTransition | null {
  if (before === null && episode !== null) return describeTransition(labels, episode, null);
  if (before !== null && episode === null) return describeTransition(labels, before, lastSeenMs);
  return null;
}

function describeTransition(
  instanceLabels: Readonly<Record<string, string>>,
  { startsAtMs, floorRatio }: Episode,
  endsAtMs: number | null,
): RuleTransition {
  const labels = {
    ...instanceLabels,
    alertname: ALERT_NODEJS_HEAP_FLOOR_HIGH,
    severity: FLOOR_ALERT_SEVERITY,
  };
  const { job = '', instance = '' }: Readonly<Record<string, string>> = instanceLabels;
  return {
    status: endsAtMs === null ? 'firing' : 'resolved',
    labels,
    annotations: floorAnnotations({ job, instance, ...formatFloorRatio(floorRatio) }),
    fingerprint: labelFingerprint(labels),
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: endsAtMs === null ? null : new Date(endsAtMs).toISOString(),
    floorRatio,
  };
}

/** @returns whether there was one that does not fire. */
function forgetOneCalm(instances: Map<string, InstanceState>): boolean {
  for (const [key, { episode }] of instances) {
    if (episode === null) return instances.delete(key);
  }
  return false;
}

function assertPositive(name: string, value: number): void {
  if (!(value > 0)) throw new NumberInvalidError(name, value);
}
