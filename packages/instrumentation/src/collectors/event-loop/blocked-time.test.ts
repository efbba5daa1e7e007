import { createHistogram } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumAboveMs } from './blocked-time.ts';

/** A real histogram, as both sources have it. */
function histogramOf(delaysMs: readonly number[]) {
  const histogram = createHistogram({ lowest: 1, highest: 3_600_000_000_000, figures: 3 });
  for (const delayMs of delaysMs) histogram.record(Math.round(delayMs * 1e6));
  return histogram;
}

function exactMs(delaysMs: readonly number[]): number {
  return delaysMs.reduce((sum, delayMs) => sum + Math.max(0, delayMs - 50), 0);
}

/** The histogram keeps three figures, and rounds up. */
const RESOLUTION = 0.0011;

describe('sumAboveMs', () => {
  it('is 0 without a block, at the cost of one read', () => {
    const histogram = histogramOf([1, 49.9, 3]);
    let reads = 0;
    const percentile = (): number => {
      reads += 1;
      return 0;
    };
    expect(sumAboveMs({ count: 3, min: 1, max: histogram.max, percentile, reset() {} }, 50)).toBe(0);
    expect(reads).toBe(0);
    expect(sumAboveMs(histogramOf([]), 50)).toBe(0);
  });

  it('adds up what each block took above 50 ms', () => {
    expect(sumAboveMs(histogramOf([300]), 50)).toBeCloseTo(250, 0);
    expect(sumAboveMs(histogramOf([60, 1, 300, 2, 90, 50]), 50)).toBeCloseTo(300, 0);
  });

  it('finds the one block among a million turns', () => {
    const histogram = histogramOf([300]);
    for (let turn = 0; turn < 1_000_000; turn += 1) histogram.record(100_000);
    expect(sumAboveMs(histogram, 50)).toBeCloseTo(250, 0);
  });

  it('is exact up to 64 blocks, however many turns there are', () => {
    const quiet = fc.array(fc.double({ min: 0.001, max: 49, noNaN: true }), { maxLength: 200 });
    const blocks = fc.array(fc.double({ min: 50.2, max: 60_000, noNaN: true }), { maxLength: 64 });
    fc.assert(
      fc.property(quiet, blocks, (short, long) => {
        const delaysMs = [...short, ...long];
        const exact = exactMs(delaysMs);
        const slackMs = RESOLUTION * long.reduce((sum, delayMs) => sum + delayMs, 0);
        const got = sumAboveMs(histogramOf(delaysMs), 50);
        expect(got).toBeGreaterThanOrEqual(exact - 0.001);
        expect(got).toBeLessThanOrEqual(exact + slackMs + 0.001);
      }),
    );
  });

  it('lets the middle of each 64th stand for it', () => {
    // 1 to 640 ms too long: 640 * 641 / 2 in all. The middles are 635, 625 … 5, so 640 * 320.
    const delaysMs = Array.from({ length: 640 }, (_, index) => 51 + index);
    expect(sumAboveMs(histogramOf(delaysMs), 50) / 204_800).toBeCloseTo(1, 2);
    expect(sumAboveMs(histogramOf(delaysMs), 50) / exactMs(delaysMs)).toBeCloseTo(1, 2);
  });

  it('estimates more than 64 blocks within a 64th of their range each', () => {
    const quiet = fc.array(fc.double({ min: 0.001, max: 49, noNaN: true }), { maxLength: 100 });
    const blocks = fc.array(fc.double({ min: 50.2, max: 2000, noNaN: true }), {
      minLength: 65,
      maxLength: 600,
    });
    fc.assert(
      fc.property(quiet, blocks, (short, long) => {
        const delaysMs = [...short, ...long];
        const exact = exactMs(delaysMs);
        const rangeMs = Math.max(...long) - Math.min(...long);
        const boundMs = (long.length * rangeMs) / 64 + RESOLUTION * exactMs(long.map((one) => one + 50)) + 1;
        expect(Math.abs(sumAboveMs(histogramOf(delaysMs), 50) - exact)).toBeLessThanOrEqual(boundMs);
      }),
      { numRuns: 50 },
    );
  });
});
