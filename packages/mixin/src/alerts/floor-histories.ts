import { type FloorBreach } from '@heapfloor/contract/rule';

/** Prometheus' default lookback: how long the last sample of a dead process stays visible. */
export const LOOKBACK_SECONDS = 300;

/** What one export carried. */
export interface HistorySample {
  readonly ratio: number;
  readonly breach: FloorBreach;
}

/** From which tick the alert fires up to which it no longer does; a tick is one export interval. */
export type FiringRange = readonly [fromTick: number, toTick: number];

/** A course of exports and when the alert must fire, worked out by hand: of the rule files and of the evaluator. */
export interface FloorHistory {
  readonly name: string;
  /** One entry per tick; null where nothing arrived. */
  readonly samples: readonly (HistorySample | null)[];
  readonly exact: readonly FiringRange[];
  readonly portable: readonly FiringRange[];
}

/** @param intervalSeconds - export interval; spans are given in intervals, the lookback is always 5 min. */
export function floorHistories(intervalSeconds: number): readonly FloorHistory[] {
  const lookbackTicks = LOOKBACK_SECONDS / intervalSeconds;
  const silence = Array.from({ length: lookbackTicks + 2 }, () => null);
  const low = sample(0.6, 0, 0);
  const first = sample(0.8, 1, 0);
  const second = sample(0.82, 2, intervalSeconds);
  const third = sample(0.84, 3, 2 * intervalSeconds);
  return [
    history('fires on two high samples one interval apart', [low, first, second, third], {
      exact: [[2, 4]],
      portable: [[2, 4]],
    }),
    history('does not fire on one high sample', [low, first, low, low], {}),
    history('does not fire on a sawtooth', [first, low, first, low, first, low, first, low], {}),
    history('does not fire on one high sample followed by death', [low, first, ...silence], {}),
    history('resolves when the process restarts', [first, second, sample(0.2, 0, 0), low], {
      exact: [[1, 2]],
      portable: [[1, 2]],
    }),
    history(
      'does not fire on a short breach between two exports',
      [low, sample(0.8, 2, intervalSeconds * 0.9), low, low],
      {},
    ),
    history('fires at once on a critical pair', [low, critical(0.92, 2, intervalSeconds / 15), low], {
      exact: [[1, 2]],
    }),
    history('does not fire on one critical sample', [low, critical(0.95, 1, 0), low], {}),
    history(
      'fires over a gap of one lost export',
      [first, null, sample(0.82, 2, 2 * intervalSeconds), sample(0.83, 3, 3 * intervalSeconds)],
      { exact: [[2, 4]], portable: [[3, 4]] },
    ),
    history(
      // The hole of the portable form: the same floor exported again looks like a second sample.
      'does not fire on one major GC that is exported three times',
      [low, first, first, first, low],
      { portable: [[2, 4]] },
    ),
    history(
      'resolves when a firing instance falls silent for the lookback',
      [low, first, second, ...silence],
      { exact: [[2, 2 + lookbackTicks]], portable: [[2, 3]] },
    ),
    history('fires again after a recovery', [first, second, low, first, second, low], {
      exact: [
        [1, 2],
        [4, 5],
      ],
      portable: [
        [1, 2],
        [4, 5],
      ],
    }),
  ];
}

export function isFiringAt(ranges: readonly FiringRange[], tick: number): boolean {
  return ranges.some(([from, to]) => tick >= from && tick < to);
}

function history(
  name: string,
  samples: readonly (HistorySample | null)[],
  firing: { readonly exact?: readonly FiringRange[]; readonly portable?: readonly FiringRange[] },
): FloorHistory {
  return { name, samples, exact: firing.exact ?? [], portable: firing.portable ?? [] };
}

function sample(ratio: number, streak: number, durationSeconds: number): HistorySample {
  return { ratio, breach: { streak, criticalStreak: 0, durationSeconds } };
}

function critical(ratio: number, streak: number, durationSeconds: number): HistorySample {
  return { ratio, breach: { streak, criticalStreak: streak, durationSeconds } };
}
