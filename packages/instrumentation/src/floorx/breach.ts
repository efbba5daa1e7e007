import { FLOOR_CRITICAL_RATIO, FLOOR_THRESHOLD_RATIO, type FloorBreach } from '@heapfloor/contract/rule';

/** What one major GC proves about the floor. */
export interface FloorSample {
  /** Floor divided by the old-space limit. */
  readonly utilizationRatio: number;
  /** When the GC ended, on the clock of `performance.now()`. */
  readonly endMs: number;
  /** A reading that came late: the floor was at most this, because allocation only ever adds to it. */
  readonly isUpperBound: boolean;
}

export interface BreachState extends FloorBreach {
  /** End of the first major GC of the streak; 0 without a streak. */
  readonly firstEndMs: number;
}

export const NO_BREACH: BreachState = { streak: 0, criticalStreak: 0, durationSeconds: 0, firstEndMs: 0 };

/**
 * Counts distinct major GCs above the threshold, none below in between. An upper bound can prove "below", never
 * "above": 2 of 46 late readings above the threshold were wrong, 0 of 940 readings were too low.
 */
export function nextBreach(state: BreachState, sample: FloorSample): BreachState {
  if (sample.utilizationRatio <= FLOOR_THRESHOLD_RATIO) return NO_BREACH;
  const isCritical = sample.utilizationRatio > FLOOR_CRITICAL_RATIO;
  if (sample.isUpperBound) return isCritical ? state : { ...state, criticalStreak: 0 };
  const firstEndMs = state.streak === 0 ? sample.endMs : state.firstEndMs;
  return {
    streak: state.streak + 1,
    criticalStreak: isCritical ? state.criticalStreak + 1 : 0,
    durationSeconds: (sample.endMs - firstEndMs) / 1000,
    firstEndMs,
  };
}
