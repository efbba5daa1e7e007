import { ALERT_NODEJS_HEAP_FLOOR_HIGH } from '@heapfloor/contract/rule';
import {
  BREACH_DURATION,
  BREACH_STREAK,
  CRITICAL_BREACH_STREAK,
  FLOOR_UTILIZATION,
} from '../signals/floor.ts';
import type { Signal } from '../signals/signal.ts';
import { FLOOR_ALERT_SEVERITY, floorAnnotations, formatFloorRatio } from './floor-annotations.ts';
import { floorHistories, isFiringAt, type FloorHistory, type HistorySample } from './floor-histories.ts';
import { prometheusDuration } from './nodejs-heap-floor-high.ts';

/** The instance that every history is about; the further label proves that the rule keeps what it finds. */
export const HISTORY_LABELS: Readonly<Record<string, string>> = {
  job: 'shop/checkout',
  instance: '7d0c3a52',
  k8s_pod_name: 'checkout-6f9c',
};

export interface RuleTestOptions {
  readonly form: 'exact' | 'portable';
  readonly intervalSeconds: number;
  /** Rule file under test, relative to the test file. */
  readonly ruleFile: string;
}

/** A file for `promtool test rules`: every history, looked at on every tick. */
export function floorRuleTests({ form, intervalSeconds, ruleFile }: RuleTestOptions): object {
  const interval = prometheusDuration(intervalSeconds);
  // An evaluation right on a sample would see a third one in the portable form's window, which the slack lets in.
  const offsetSeconds = form === 'exact' ? 0 : (2 * intervalSeconds) / 3;
  return {
    rule_files: [ruleFile],
    evaluation_interval: prometheusDuration(form === 'exact' ? intervalSeconds : intervalSeconds / 3),
    tests: floorHistories(intervalSeconds).map((history) => ({
      name: history.name,
      interval,
      input_series: inputSeries(history.samples),
      alert_rule_test: history.samples.map((_, tick) => ({
        eval_time: prometheusDuration(tick * intervalSeconds + offsetSeconds),
        alertname: ALERT_NODEJS_HEAP_FLOOR_HIGH,
        exp_alerts: expectedAlerts(history, form, tick),
      })),
    })),
  };
}

function inputSeries(samples: readonly (HistorySample | null)[]): { series: string; values: string }[] {
  return [
    series(FLOOR_UTILIZATION, samples, ({ ratio }) => ratio),
    series(BREACH_STREAK, samples, ({ breach }) => breach.streak),
    series(CRITICAL_BREACH_STREAK, samples, ({ breach }) => breach.criticalStreak),
    series(BREACH_DURATION, samples, ({ breach }) => breach.durationSeconds),
  ];
}

function series(
  signal: Signal,
  samples: readonly (HistorySample | null)[],
  read: (sample: HistorySample) => number,
): { series: string; values: string } {
  const labels = Object.entries(HISTORY_LABELS).map(([name, value]) => `${name}="${value}"`);
  const selector = signal.promql({ matchers: labels.join(','), rateWindow: '5m' });
  // `_` is promtool's word for a sample that did not come.
  const values = samples.map((each) => (each === null ? '_' : String(read(each)))).join(' ');
  return { series: selector, values };
}

function expectedAlerts(history: FloorHistory, form: 'exact' | 'portable', tick: number): object[] {
  if (!isFiringAt(history[form], tick)) return [];
  const { job = '', instance = '' } = HISTORY_LABELS;
  const ratio = form === 'exact' ? lastRatio(history, tick) : smallestOfTwo(history, tick);
  return [
    {
      exp_labels: { ...HISTORY_LABELS, severity: FLOOR_ALERT_SEVERITY },
      exp_annotations: floorAnnotations({ job, instance, ...formatFloorRatio(ratio) }),
    },
  ];
}

/** Prometheus goes on showing the last sample until the lookback ends. */
function lastRatio({ samples }: FloorHistory, tick: number): number {
  return samples.slice(0, tick + 1).findLast((each) => each !== null)?.ratio ?? Number.NaN;
}

/** The portable form's value is the smaller one of the two samples in its window. */
function smallestOfTwo({ samples }: FloorHistory, tick: number): number {
  const inWindow = samples.slice(Math.max(0, tick - 1), tick + 1).filter((each) => each !== null);
  return Math.min(...inWindow.map(({ ratio }) => ratio));
}
