import { describe, expect, it } from 'vitest';
import { readFloors } from './read-floors.ts';

const MIB = 1024 * 1024;

function majors(...endsMs: readonly number[]) {
  return endsMs.map((endMs) => ({ endMs, durationMs: endMs / 100 }));
}

/** The record of the major GC that ended then. */
function record(endMs: number, bytes: number) {
  return { bytes, durationMs: endMs / 100 - 0.05 };
}

describe('readFloors without the profiler', () => {
  it('takes the reading of a callback that comes within 2 ms', () => {
    const batch = { majors: majors(1000), nowMs: 1001.9, usedOldBytes: 80 * MIB, exact: [] };
    expect(readFloors(batch)).toEqual({
      readings: [{ bytes: 80 * MIB, endMs: 1000, method: 'observed', index: 0 }],
      discarded: { lag: 0, batch: 0 },
      ahead: [],
    });
  });

  it('discards a later one as a value and keeps it as an upper bound', () => {
    const batch = { majors: majors(1000), nowMs: 1002, usedOldBytes: 80 * MIB, exact: [] };
    expect(readFloors(batch)).toMatchObject({
      readings: [{ bytes: 80 * MIB, endMs: 1000, method: 'late', index: 0 }],
      discarded: { lag: 1, batch: 0 },
    });
  });

  it('reads only the last GC of a batch and counts the others', () => {
    const batch = { majors: majors(700, 900, 1000), nowMs: 1001, usedOldBytes: 80 * MIB, exact: [] };
    const { readings, discarded } = readFloors(batch);
    expect(readings).toEqual([{ bytes: 80 * MIB, endMs: 1000, method: 'observed', index: 2 }]);
    expect(discarded).toEqual({ lag: 0, batch: 2 });
  });

  it('has nothing to say without a major GC', () => {
    expect(readFloors({ majors: [], nowMs: 1, usedOldBytes: 1, exact: [] }).readings).toEqual([]);
  });
});

describe('readFloors with the profiler', () => {
  it('gives each GC of a late batch its own figure', () => {
    const exact = [record(700, 60), record(900, 61)];
    expect(readFloors({ majors: majors(700, 900), nowMs: 1500, usedOldBytes: 99 * MIB, exact })).toEqual({
      readings: [
        { bytes: 60, endMs: 700, method: 'exact', index: 0 },
        { bytes: 61, endMs: 900, method: 'exact', index: 1 },
      ],
      discarded: { lag: 0, batch: 0 },
      ahead: [],
    });
  });

  it('counts a GC from before the profiler was armed as discarded', () => {
    const exact = [record(700, 60), record(900, 61)];
    const batch = { majors: majors(100, 700, 900), nowMs: 1500, usedOldBytes: 99, exact };
    const { readings, discarded } = readFloors(batch);
    expect(readings.map(({ bytes, index }) => [bytes, index])).toEqual([
      [60, 1],
      [61, 2],
    ]);
    expect(discarded).toEqual({ lag: 0, batch: 1 });
  });

  it('ignores an older record that no entry belongs to', () => {
    const exact = [record(200, 60), record(900, 61)];
    const { readings, ahead } = readFloors({ majors: majors(900), nowMs: 1500, usedOldBytes: 99, exact });
    expect(readings).toEqual([{ bytes: 61, endMs: 900, method: 'exact', index: 0 }]);
    expect(ahead).toEqual([]);
  });

  it('keeps the record of a GC whose entry comes with the next batch', () => {
    const exact = [record(900, 61), record(1490, 70)];
    const { readings, ahead } = readFloors({ majors: majors(900), nowMs: 1500, usedOldBytes: 99, exact });
    expect(readings).toEqual([{ bytes: 61, endMs: 900, method: 'exact', index: 0 }]);
    expect(ahead).toEqual([record(1490, 70)]);
  });
});
