import { ATTR_BREACH_LEVEL } from '@heapfloor/contract/metrics';
import {
  ALERT_NODEJS_HEAP_FLOOR_HIGH,
  FLOOR_SAMPLES_REQUIRED,
  FLOOR_THRESHOLD_RATIO,
} from '@heapfloor/contract/rule';
import { NumberInvalidError } from '../errors.ts';
import { prometheusLabel } from '../prometheus-names.ts';
import {
  BREACH_DURATION,
  BREACH_STREAK,
  CRITICAL_BREACH_STREAK,
  FLOOR_UTILIZATION,
} from '../signals/floor.ts';
import { EVERYWHERE } from '../signals/signal.ts';
import { FLOOR_ALERT_SEVERITY, floorAnnotations, type FloorAnnotations } from './floor-annotations.ts';

/** One group of a Prometheus rule file. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly AlertRule[];
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: FloorAnnotations;
}

export interface RuleOptions {
  /** Export interval of the pipeline; the span that two samples must be apart. */
  readonly intervalSeconds: number;
}

/**
 * The rule on what the app counts: exact, whatever the pipeline drops, repeats or delays.
 * `for:` cannot say "two samples": one high sample of a process that dies stays visible for the lookback of 5 min.
 */
export function floorRuleGroups(options: RuleOptions): RuleGroup[] {
  return [ruleGroup('heapfloor', floorRuleExpr(options), options)];
}

/**
 * The rule for metrics without a streak: two raw samples in the window, all of them high. It cannot tell a new floor
 * from an old one that was exported again, so it fires on one major GC whose value is exported twice.
 */
export function portableFloorRuleGroups(options: RuleOptions): RuleGroup[] {
  const range = `${FLOOR_UTILIZATION.promql(EVERYWHERE)}[${portableWindow(options.intervalSeconds)}]`;
  const expr =
    `min_over_time(${range}) > ${FLOOR_THRESHOLD_RATIO}\n` +
    `and count_over_time(${range}) >= ${FLOOR_SAMPLES_REQUIRED}`;
  return [ruleGroup('heapfloor-portable', expr, options)];
}

/** The instances for which the rule is met; the value is the floor utilization. */
export function floorRuleExpr({ intervalSeconds }: RuleOptions): string {
  assertInterval(intervalSeconds);
  // Only the streaks carry the level; without `ignoring` no pair would match, with `on` the other labels would be lost.
  const andIgnoringLevel = `and ignoring (${prometheusLabel(ATTR_BREACH_LEVEL)})`;
  return [
    FLOOR_UTILIZATION.promql(EVERYWHERE),
    `${andIgnoringLevel} (`,
    `  (`,
    `    ${BREACH_STREAK.promql(EVERYWHERE)} >= ${FLOOR_SAMPLES_REQUIRED}`,
    `    ${andIgnoringLevel} ${BREACH_DURATION.promql(EVERYWHERE)} >= ${intervalSeconds}`,
    `  )`,
    `  or ${CRITICAL_BREACH_STREAK.promql(EVERYWHERE)} >= ${FLOOR_SAMPLES_REQUIRED}`,
    `)`,
  ].join('\n');
}

/** A duration as Prometheus writes it; whole milliseconds are its finest. */
export function prometheusDuration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

function ruleGroup(name: string, expr: string, { intervalSeconds }: RuleOptions): RuleGroup {
  const rule: AlertRule = {
    alert: ALERT_NODEJS_HEAP_FLOOR_HIGH,
    expr,
    labels: { severity: FLOOR_ALERT_SEVERITY },
    // `.Labels` and not the `$` form: Grafana's provisioning expands everything that begins with `$`.
    annotations: floorAnnotations({
      job: '{{ .Labels.job }}',
      instance: '{{ .Labels.instance }}',
      floorPercentage: '{{ .Value | humanizePercentage }}',
      floorRatio: '{{ printf "%.4f" .Value }}',
    }),
  };
  return { name, interval: prometheusDuration(intervalSeconds), rules: [rule] };
}

/**
 * Two intervals and a slack for jitter. Measured with samples 60 s ± 5 s apart: [2m] misses one of the two in 1.6 % of
 * evaluations, [130s] never; [150s] holds three half of the time, which would mean "three samples".
 */
function portableWindow(intervalSeconds: number): string {
  assertInterval(intervalSeconds);
  const slackSeconds = Math.min(intervalSeconds / 2, Math.max(5, intervalSeconds / 6));
  return prometheusDuration(FLOOR_SAMPLES_REQUIRED * intervalSeconds + slackSeconds);
}

function assertInterval(intervalSeconds: number): void {
  if (!(intervalSeconds > 0) || !Number.isFinite(intervalSeconds)) {
    throw new NumberInvalidError('the export interval in seconds', intervalSeconds);
  }
}
