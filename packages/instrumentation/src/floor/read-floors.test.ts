import { describe, expect, it } from 'vitest';
import { readFloors } from './read-floors.ts';

const MIB = 1024 * 1024;

describe('readFloors without the profiler', () => {
  it('takes the reading of a callback that comes within 2 ms', () => {
    const batch = { endsMs: [1000], nowMs: 1001.9, usedOldBytes: 80 * MIB, exactBytes: [] };
    expect(readFloors(batch)).toEqual({
      readings: [{ bytes: 80 * MIB, endMs: 1000, method: 'observed', index: 0 }],
      discarded: { lag: 0, batch: 0 },
    });
  });

  it('discards a later one as a value and keeps it as an upper bound', () => {
    const batch = { endsMs: [1000], nowMs: 1002, usedOldBytes: 80 * MIB, exactBytes: [] };
    expect(readFloors(batch)).toEqual({
      readings: [{ bytes: 80 * MIB, endMs: 1000, method: 'late', index: 0 }],
      discarded: { lag: 1, batch: 0 },
    });
  });

  it('reads only the last GC of a batch and counts the others', () => {
    const batch = { endsMs: [700, 900, 1000], nowMs: 1001, usedOldBytes: 80 * MIB, exactBytes: [] };
    const { readings, discarded } = readFloors(batch);
    expect(readings).toEqual([{ bytes: 80 * MIB, endMs: 1000, method: 'observed', index: 2 }]);
    expect(discarded).toEqual({ lag: 0, batch: 2 });
  });

  it('has nothing to say without a major GC', () => {
    expect(readFloors({ endsMs: [], nowMs: 1, usedOldBytes: 1, exactBytes: [] }).readings).toEqual([]);
  });
});

describe('readFloors with the profiler', () => {
  it('gives each GC of a late batch its own figure', () => {
    const batch = { endsMs: [700, 900], nowMs: 1500, usedOldBytes: 99 * MIB, exactBytes: [60, 61] };
    expect(readFloors(batch)).toEqual({
      readings: [
        { bytes: 60, endMs: 700, method: 'exact', index: 0 },
        { bytes: 61, endMs: 900, method: 'exact', index: 1 },
      ],
      discarded: { lag: 0, batch: 0 },
    });
  });

  it('counts a GC from before the profiler was armed as discarded', () => {
    const batch = { endsMs: [100, 700, 900], nowMs: 1500, usedOldBytes: 99, exactBytes: [60, 61] };
    const { readings, discarded } = readFloors(batch);
    expect(readings.map(({ bytes, index }) => [bytes, index])).toEqual([
      [60, 1],
      [61, 2],
    ]);
    expect(discarded).toEqual({ lag: 0, batch: 1 });
  });

  it('ignores an older record that no entry belongs to', () => {
    const batch = { endsMs: [900], nowMs: 1500, usedOldBytes: 99, exactBytes: [60, 61] };
    expect(readFloors(batch).readings).toEqual([{ bytes: 61, endMs: 900, method: 'exact', index: 0 }]);
  });
});
