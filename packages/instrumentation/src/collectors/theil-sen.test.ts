import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { theilSenSlope, type Point } from './theil-sen.ts';

const points = (...pairs: readonly (readonly [number, number])[]): Point[] =>
  pairs.map(([x, y]) => ({ x, y }));

describe('theilSenSlope', () => {
  it('is the middle one of the slopes of all pairs', () => {
    // 0→1: 2, 0→2: 4, 0→4: 3, 1→2: 6, 1→4: 10/3, 2→4: 2; sorted 2 2 3 | 10/3 4 6.
    expect(theilSenSlope(points([0, 0], [1, 2], [2, 8], [4, 12]))).toBeCloseTo((3 + 10 / 3) / 2, 12);
    // 0→1: 1, 0→2: 3, 1→2: 5.
    expect(theilSenSlope(points([0, 0], [1, 1], [2, 6]))).toBe(3);
  });

  it('has no slope without two points of different x', () => {
    expect(theilSenSlope([])).toBeNull();
    expect(theilSenSlope(points([1, 1]))).toBeNull();
    expect(theilSenSlope(points([1, 1], [1, 5]))).toBeNull();
  });

  it('is not moved by a quarter of the points, however far off', () => {
    const line = Array.from({ length: 16 }, (_, x) => ({ x, y: 3 * x }));
    const off = line.map(({ x, y }) => ({ x, y: x % 4 === 1 ? y + 1e9 : y }));
    expect(theilSenSlope(off)).toBe(3);
  });

  it('finds any line again, and turns with it', () => {
    const integer = fc.integer({ min: -1000, max: 1000 });
    const xs = fc.uniqueArray(integer, { minLength: 2, maxLength: 16 });
    fc.assert(
      fc.property(xs, integer, integer, (all, slope, offset) => {
        const line = all.map((x) => ({ x, y: slope * x + offset }));
        expect(theilSenSlope(line)).toBeCloseTo(slope, 6);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ x: integer, y: integer }), { maxLength: 16 }), (some) => {
        const slope = theilSenSlope(some);
        const mirrored = theilSenSlope(some.map(({ x, y }) => ({ x, y: -y })));
        expect(mirrored === null ? null : -mirrored + 0).toEqual(slope === null ? null : slope + 0);
        const reversed = theilSenSlope(some.toReversed());
        expect(reversed === null ? null : reversed + 0).toEqual(slope === null ? null : slope + 0);
      }),
    );
  });
});
