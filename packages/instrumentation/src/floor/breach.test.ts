import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFloorRuleMet } from '@heapfloor/contract/rule';
import { NO_BREACH, nextBreach, type BreachState, type FloorSample } from './breach.ts';

function sample(utilizationRatio: number, endMs = 0, isUpperBound = false): FloorSample {
  return { utilizationRatio, endMs, isUpperBound };
}

function after(samples: readonly FloorSample[]): BreachState {
  return samples.reduce(nextBreach, NO_BREACH);
}

describe('nextBreach', () => {
  it('counts major GCs above the threshold and the span from the first to the last', () => {
    const breach = after([sample(0.8, 1000), sample(0.76, 4000), sample(0.8, 17_500)]);
    expect(breach).toMatchObject({ streak: 3, criticalStreak: 0, durationSeconds: 16.5 });
  });

  it('has no span with one GC', () => {
    expect(after([sample(0.8, 1000)])).toMatchObject({ streak: 1, durationSeconds: 0 });
  });

  it('begins again after one GC below', () => {
    const breach = after([sample(0.8, 1), sample(0.8, 2), sample(0.7, 3), sample(0.8, 4000)]);
    expect(breach).toMatchObject({ streak: 1, durationSeconds: 0 });
  });

  it('takes exactly the threshold for below: the rule says above', () => {
    expect(after([sample(0.8), sample(0.75)])).toEqual(NO_BREACH);
    expect(after([sample(0.95), sample(0.9)])).toMatchObject({ streak: 2, criticalStreak: 0 });
  });

  it('counts the critical level for itself', () => {
    const breach = after([sample(0.95), sample(0.8), sample(0.91), sample(0.92)]);
    expect(breach).toMatchObject({ streak: 4, criticalStreak: 2 });
  });

  it('lets a late reading prove "below" for each level', () => {
    const critical = [sample(0.95), sample(0.95)];
    expect(after([...critical, sample(0.7, 0, true)])).toEqual(NO_BREACH);
    expect(after([...critical, sample(0.85, 0, true)])).toMatchObject({ streak: 2, criticalStreak: 0 });
  });

  it('never raises a streak by a late reading', () => {
    const before = after([sample(0.8, 1000)]);
    expect(nextBreach(before, sample(0.99, 2000, true))).toEqual(before);
    expect(after([sample(0.99, 0, true)])).toEqual(NO_BREACH);
  });

  it('meets the rule by two distinct GCs one interval apart, or two critical ones', () => {
    expect(isFloorRuleMet(after([sample(0.8, 0), sample(0.8, 15_000)]), 15)).toBe(true);
    expect(isFloorRuleMet(after([sample(0.8, 0), sample(0.8, 14_000)]), 15)).toBe(false);
    expect(isFloorRuleMet(after([sample(0.93, 0), sample(0.92, 500)]), 15)).toBe(true);
  });
});

describe('nextBreach on any history', () => {
  it('says what the definition says of the whole history', () => {
    fc.assert(
      fc.property(fc.array(gaps), (steps) => {
        let endMs = 0;
        const samples = steps.map(({ gapMs, ratio, isUpperBound }) =>
          sample(ratio, (endMs += gapMs), isUpperBound),
        );
        expect(after(samples)).toMatchObject(fromHistory(samples));
      }),
    );
  });
});

const gaps = fc.record({
  gapMs: fc.integer({ min: 1, max: 20_000 }),
  ratio: fc.oneof(fc.constantFrom(0.75, 0.9), fc.double({ min: 0.6, max: 1.1, noNaN: true })),
  isUpperBound: fc.boolean(),
});

/** The definition, read backwards over the whole history. */
function fromHistory(history: readonly FloorSample[]) {
  const above = sinceLastBelow(history, 0.75);
  const spanMs = (above.at(-1)?.endMs ?? 0) - (above.at(0)?.endMs ?? 0);
  return {
    streak: above.length,
    criticalStreak: sinceLastBelow(history, 0.9).length,
    durationSeconds: spanMs / 1000,
  };
}

function sinceLastBelow(history: readonly FloorSample[], ratio: number): FloorSample[] {
  const lastBelow = history.findLastIndex((one) => one.utilizationRatio <= ratio);
  return history.slice(lastBelow + 1).filter((one) => !one.isUpperBound);
}
