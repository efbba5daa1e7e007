import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FLOOR, nextFloorState, type FloorState } from './floor-state.ts';
import { readFloors, type MajorGcBatch } from './read-floors.ts';

const LIMIT_BYTES = 1000;

/** Batches as an observer delivers them: in order, on time or late, with the profiler's record or without. */
const batches = fc
  .array(
    fc.record({
      gapMs: fc.integer({ min: 1, max: 20_000 }),
      latenessMs: fc.constantFrom(0, 1, 5, 500),
      floors: fc.array(fc.integer({ min: 1, max: LIMIT_BYTES }), { minLength: 1, maxLength: 4 }),
      isArmed: fc.boolean(),
    }),
  )
  .map((plans) => {
    let endMs = 0;
    return plans.map(({ gapMs, latenessMs, floors, isArmed }) => {
      const majors = floors.map((_, index) => ({
        endMs: endMs + gapMs + index,
        durationMs: 10 * (index + 1),
      }));
      endMs = (majors.at(-1)?.endMs ?? 0) + latenessMs;
      const exact = majors.map(({ durationMs }, index) => ({ bytes: floors[index] ?? 0, durationMs }));
      // An observer reads the last floor and what was allocated since.
      const usedOldBytes = (floors.at(-1) ?? 0) + latenessMs;
      return { floors, batch: { majors, nowMs: endMs, usedOldBytes, exact: isArmed ? exact : [] } };
    });
  });

function follow(all: readonly { batch: MajorGcBatch }[]): FloorState {
  return all.reduce((state, { batch }) => {
    const lastMajorEndMs = batch.majors.at(-1)?.endMs ?? 0;
    return nextFloorState(state, readFloors(batch), { lastMajorEndMs, limitBytes: LIMIT_BYTES });
  }, NO_FLOOR);
}

describe('nextFloorState', () => {
  it('accounts for every major GC: read, discarded as late, or lost in its batch', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const read = all.flatMap(({ batch }) =>
          readFloors(batch).readings.filter(({ method }) => method !== 'late'),
        );
        const { lag, batch } = follow(all).discarded;
        expect(read.length + lag + batch).toBe(all.flatMap(({ floors }) => floors).length);
      }),
    );
  });

  it('keeps the floor of the last major GC that could be read, and the time of the last one', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const state = follow(all);
        expect(state.lastMajorEndMs).toBe(all.at(-1)?.batch.majors.at(-1)?.endMs ?? null);
        const last = all
          .flatMap(({ batch }) => readFloors(batch).readings)
          .findLast(({ method }) => method !== 'late');
        expect(state.floorBytes).toBe(last?.bytes ?? null);
      }),
    );
  });

  it('has the streak of the true floors while the profiler is armed', () => {
    fc.assert(
      fc.property(batches, (all) => {
        fc.pre(all.every(({ batch }) => batch.exact.length > 0));
        const truth = all.flatMap(({ floors }) => floors);
        const lastBelow = truth.findLastIndex((bytes) => !isAbove(bytes));
        expect(follow(all).breach.streak).toBe(truth.length - 1 - lastBelow);
      }),
    );
  });

  it('never counts a GC for the streak that was not above, whatever could not be read', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const { streak, criticalStreak, durationSeconds } = follow(all).breach;
        expect(streak).toBeLessThanOrEqual(all.flatMap(({ floors }) => floors.filter(isAbove)).length);
        expect(criticalStreak).toBeLessThanOrEqual(streak);
        expect(durationSeconds).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

function isAbove(bytes: number): boolean {
  return bytes > 0.75 * LIMIT_BYTES;
}
