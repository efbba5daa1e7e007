import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import {
  METRIC_FLOOR_BREACH_DURATION,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_FLOOR_SAMPLE_DISCARDED,
  METRIC_FLOOR_THRESHOLD,
  METRIC_FLOOR_UTILIZATION,
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
} from '@heapfloor/contract/metrics';
import { NO_BREACH } from '../floor/breach.ts';
import type { FloorState } from '../floor/floor-tracker.ts';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createHeapFloorCollector } from './heap-floor.ts';

const LIMIT = { bytes: 200, source: 'flag' } as const;
const NOTHING: FloorState = {
  floorBytes: null,
  lastMajorEndMs: null,
  breach: NO_BREACH,
  discarded: { lag: 0, batch: 0 },
};

function trackerOf(state: FloorState) {
  return { state, start() {}, stop() {} };
}

describe('createHeapFloorCollector', () => {
  it('exports neither floor nor age before the first major GC, but limit, threshold and an empty streak', async () => {
    const metrics = await readCollectors([createHeapFloorCollector(LIMIT, trackerOf(NOTHING))]);
    expect(metrics.has(METRIC_HEAP_FLOOR)).toBe(false);
    expect(metrics.has(METRIC_FLOOR_UTILIZATION)).toBe(false);
    expect(metrics.has(METRIC_GC_LAST_MAJOR_AGE)).toBe(false);
    expect(valueOf(metrics.get(METRIC_HEAP_OLD_LIMIT), 'flag')).toBe(200);
    expect(valueOf(metrics.get(METRIC_FLOOR_THRESHOLD))).toBe(0.75);
    expect(valueOf(metrics.get(METRIC_FLOOR_BREACH_STREAK), 'warning')).toBe(0);
    expect(valueOf(metrics.get(METRIC_FLOOR_BREACH_DURATION))).toBe(0);
  });

  it('exports floor, utilization, age, both streaks and what was discarded', async () => {
    const state: FloorState = {
      floorBytes: 160,
      lastMajorEndMs: performance.now() - 3000,
      breach: { streak: 3, criticalStreak: 1, durationSeconds: 16, firstEndMs: 0 },
      discarded: { lag: 4, batch: 2 },
    };
    const metrics = await readCollectors([createHeapFloorCollector(LIMIT, trackerOf(state))]);
    expect(valueOf(metrics.get(METRIC_HEAP_FLOOR))).toBe(160);
    expect(valueOf(metrics.get(METRIC_FLOOR_UTILIZATION))).toBe(0.8);
    expect(valueOf(metrics.get(METRIC_GC_LAST_MAJOR_AGE))).toBeGreaterThanOrEqual(3);
    expect(valueOf(metrics.get(METRIC_GC_LAST_MAJOR_AGE))).toBeLessThan(4);
    expect(valueOf(metrics.get(METRIC_FLOOR_BREACH_STREAK), 'warning')).toBe(3);
    expect(valueOf(metrics.get(METRIC_FLOOR_BREACH_STREAK), 'critical')).toBe(1);
    expect(valueOf(metrics.get(METRIC_FLOOR_BREACH_DURATION))).toBe(16);
    expect(valueOf(metrics.get(METRIC_FLOOR_SAMPLE_DISCARDED), 'lag')).toBe(4);
    expect(valueOf(metrics.get(METRIC_FLOOR_SAMPLE_DISCARDED), 'batch')).toBe(2);
  });

  it('exports no negative age where the clocks disagree', async () => {
    const state: FloorState = { ...NOTHING, lastMajorEndMs: performance.now() + 60_000 };
    const metrics = await readCollectors([createHeapFloorCollector(LIMIT, trackerOf(state))]);
    expect(valueOf(metrics.get(METRIC_GC_LAST_MAJOR_AGE))).toBe(0);
  });

  it('starts and stops what follows the floor', () => {
    const calls: string[] = [];
    const tracker = { state: NOTHING, start: () => calls.push('start'), stop: () => calls.push('stop') };
    const collector = createHeapFloorCollector(LIMIT, tracker);
    collector.start();
    collector.stop();
    expect(calls).toEqual(['start', 'stop']);
  });
});
