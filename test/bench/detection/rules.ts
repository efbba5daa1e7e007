import { FLOOR_THRESHOLD_RATIO, isFloorRuleMet } from '@heapfloor/contract/rule';
import { SAMPLE_INTERVAL_SECONDS, type Sample } from './sample.ts';

export const RULE_NAMES = ['ours', 'naive', 'minOverTime'] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** When each rule fired first, in seconds since the process began; null: never. */
export type Firings = Readonly<Record<RuleName, number | null>>;

const NAIVE_SAMPLES = 2;
const WINDOW_SAMPLES = 3;

/** What each rule says to the same series. Only ours gets the flushes: the others' exporters have none. */
export function evaluateRules(samples: readonly Sample[]): Firings {
  const ours = samples.find(({ breach }) => isFloorRuleMet(breach, SAMPLE_INTERVAL_SECONDS));
  const regular = samples.filter(({ kind }) => kind === 'sample');
  return {
    ours: ours?.seconds ?? null,
    naive: firstWindowAbove(regular, NAIVE_SAMPLES),
    minOverTime: firstWindowAbove(regular, WINDOW_SAMPLES),
  };
}

/** The first moment at which this many samples in a row have heapUsed / limit above the threshold. */
function firstWindowAbove(samples: readonly Sample[], count: number): number | null {
  const isHigh = samples.map(({ heapUsed, limitBytes }) => heapUsed / limitBytes > FLOOR_THRESHOLD_RATIO);
  const last = samples.findIndex(
    (_, index) => index >= count - 1 && isHigh.slice(index - count + 1, index + 1).every(Boolean),
  );
  return samples[last]?.seconds ?? null;
}
