import {
  DEFAULT_EXPORT_INTERVAL_SECONDS,
  FLOOR_THRESHOLD_RATIO,
  isFloorRuleMet,
} from '@heapfloor/contract/rule';
import { SAMPLE_INTERVAL_SECONDS, type Sample } from './sample.ts';

/** `oursAt15s`: with the product's default span, for which most leaks of the corpus are too fast. */
export const RULE_NAMES = ['ours', 'oursAt15s', 'naive', 'minOverTime'] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** When each rule fired first, in seconds since the process began; null: never. */
export type Firings = Readonly<Record<RuleName, number | null>>;

const NAIVE_SAMPLES = 2;
const WINDOW_SAMPLES = 3;

/** What each rule says to the same series. Only ours gets the flushes: the others' exporters have none. */
export function evaluateRules(samples: readonly Sample[]): Firings {
  const regular = samples.filter(({ kind }) => kind === 'sample');
  return {
    ours: firstMet(samples, SAMPLE_INTERVAL_SECONDS),
    oursAt15s: firstMet(samples, DEFAULT_EXPORT_INTERVAL_SECONDS),
    naive: firstWindowAbove(regular, NAIVE_SAMPLES),
    minOverTime: firstWindowAbove(regular, WINDOW_SAMPLES),
  };
}

function firstMet(samples: readonly Sample[], minSpanSeconds: number): number | null {
  return samples.find(({ breach }) => isFloorRuleMet(breach, minSpanSeconds))?.seconds ?? null;
}

/** The first moment at which this many samples in a row have heapUsed / limit above the threshold. */
function firstWindowAbove(samples: readonly Sample[], count: number): number | null {
  const isHigh = samples.map(({ heapUsed, limitBytes }) => heapUsed / limitBytes > FLOOR_THRESHOLD_RATIO);
  const last = samples.findIndex(
    (_, index) => index >= count - 1 && isHigh.slice(index - count + 1, index + 1).every(Boolean),
  );
  return samples[last]?.seconds ?? null;
}
