import { NO_BREACH, nextBreach, type BreachState } from './breach.ts';
import type { FloorReadings } from './read-floors.ts';

/** What is known about the floor of this isolate. */
export interface FloorState {
  /** Null before the first usable reading. */
  readonly floorBytes: number | null;
  /** End of the last major GC on the clock of `performance.now()`; null before the first. */
  readonly lastMajorEndMs: number | null;
  readonly breach: BreachState;
  readonly discarded: { readonly lag: number; readonly batch: number };
}

export const NO_FLOOR: FloorState = {
  floorBytes: null,
  lastMajorEndMs: null,
  breach: NO_BREACH,
  discarded: { lag: 0, batch: 0 },
};

/** What one batch of major GCs adds. A late reading never becomes the floor; it may end a streak. */
export function nextFloorState(
  state: FloorState,
  { readings, discarded }: Pick<FloorReadings, 'readings' | 'discarded'>,
  { lastMajorEndMs, limitBytes }: { readonly lastMajorEndMs: number; readonly limitBytes: number },
): FloorState {
  let { floorBytes, breach } = state;
  for (const { bytes, endMs, method } of readings) {
    const isUpperBound = method === 'late';
    breach = nextBreach(breach, { utilizationRatio: bytes / limitBytes, endMs, isUpperBound });
    if (!isUpperBound) floorBytes = bytes;
  }
  const lag = state.discarded.lag + discarded.lag;
  const batch = state.discarded.batch + discarded.batch;
  return { floorBytes, lastMajorEndMs, breach, discarded: { lag, batch } };
}
