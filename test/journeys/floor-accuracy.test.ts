/** The floor against `--trace-gc` of the same process; the benchmark of that name does it at length, on every Node. */
import { describe, expect, test } from 'vitest';
import { compare, parseTrace, type WorkloadReport } from '../bench/floor-accuracy/compare.ts';
import { measureWorkload } from '../bench/floor-accuracy/measure.ts';

const MIB = 1024 * 1024;

describe('the floor', () => {
  test.each(['near-limit', 'burst', 'sawtooth'] as const)(
    'is read after every major GC above half of the limit, and is what V8 says: %s',
    async (workload) => {
      const { accuracy } = await measureWorkload(process.execPath, workload, 5);
      expect(accuracy.aboveHalf).toBeGreaterThan(0);
      expect(accuracy.covered / accuracy.aboveHalf).toBeGreaterThanOrEqual(0.99);
      expect(accuracy.exactErrors.length).toBeGreaterThan(0);
      expect(Math.max(...accuracy.exactErrors)).toBeLessThan(0.003);
      expect(Math.max(0, ...accuracy.observedPoints)).toBeLessThan(0.3);
    },
  );
});

describe('compare', () => {
  const traced = [
    { atMs: 100, bytes: 10 * MIB },
    { atMs: 1100, bytes: 60 * MIB },
    { atMs: 2400, bytes: 80 * MIB },
    { atMs: 3100, bytes: 90 * MIB },
    { atMs: 4900, bytes: 40 * MIB },
  ];
  const report: WorkloadReport = {
    limitBytes: 100 * MIB,
    beganMs: 500,
    endedMs: 5000,
    majorEndsMs: [1090, 2390, 3090, 4890],
    readings: [
      { ordinal: 1, bytes: 60 * MIB, method: 'exact' },
      { ordinal: 2, bytes: 81 * MIB, method: 'observed' },
      { ordinal: 4, bytes: 44 * MIB, method: 'exact' },
    ],
    discarded: { lag: 1, batch: 0 },
    rotationsMs: [],
  };

  test('measures errors and coverage against the GCs that V8 traced', () => {
    const found = compare(traced, report);
    expect(found).toMatchObject({ majors: 4, aboveHalf: 3, covered: 2 });
    expect(found.exactErrors.map((ratio) => ratio.toFixed(3))).toEqual(['0.000', '0.100']);
    expect(found.observedPoints.map((points) => points.toFixed(3))).toEqual(['1.000']);
  });

  test('counts GCs that the observer did not see at all', () => {
    const blind = { ...report, majorEndsMs: [1090, 2390], readings: report.readings.slice(0, 1) };
    expect(compare(traced, blind)).toMatchObject({ majors: 4, aboveHalf: 3, covered: 1 });
  });

  test('refuses records that are not of the same GCs', () => {
    expect(() => compare(traced, { ...report, majorEndsMs: [1090, 2500, 3090] })).toThrow('are not those');
    expect(() => compare(traced, { ...report, majorEndsMs: [] })).toThrow('no major GC');
    const readings = [{ ordinal: 9, bytes: 1, method: 'exact' }];
    expect(() => compare(traced, { ...report, readings })).toThrow('V8 traced 5');
  });

  test('reads the trace of every supported Node', () => {
    const old =
      '[1:0x1]       98 ms: pause=10.5 mutator=3.2 gc=mc reduce_memory=0 total_size_before=5 total_size_after=3664104 x=1';
    const middle = '[1:0x1:0]       75 ms: pause=14.8 gc=mc end_object_size=3855552 holes=1';
    const recent =
      '[1:0x1:0]       39 ms: GC: {"pause":5.12,"gc":"mc","start_object_size":8332496,"end_object_size":3938552}';
    const minor = '[1:0x1:0]       34 ms: GC: {"pause":3.6,"gc":"s","end_object_size":7693808}';
    expect(parseTrace([old, minor, middle, recent].join('\n'))).toEqual([
      { atMs: 98, bytes: 3664104 },
      { atMs: 75, bytes: 3855552 },
      { atMs: 39, bytes: 3938552 },
    ]);
  });
});
