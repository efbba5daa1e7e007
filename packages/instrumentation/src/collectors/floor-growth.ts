import { METRIC_FLOOR_GROWTH } from '@heapfloor/contract/metrics';
import type { Collector } from './collector.ts';
import { theilSenSlope, type Point } from './theil-sen.ts';

/** 120 pairs: some 10 µs, and only after a new floor. */
const MAX_FLOORS = 16;
const MIN_FLOORS = 4;

export interface FloorGrowthCollector extends Collector {
  add(floor: { readonly bytes: number; readonly endMs: number }): void;
}

/** Bytes per second by which the floor grows: median slope over the last 16 floors, from the fourth on. */
export function createFloorGrowthCollector(): FloorGrowthCollector {
  const floors: Point[] = [];
  let slope: number | null | undefined;
  return {
    metricNames: [METRIC_FLOOR_GROWTH],
    start() {},
    stop() {},
    add({ bytes, endMs }) {
      floors.push({ x: endMs / 1000, y: bytes });
      if (floors.length > MAX_FLOORS) floors.shift();
      slope = undefined;
    },
    observe(observe) {
      if (floors.length < MIN_FLOORS) return;
      if (slope === undefined) slope = theilSenSlope(floors);
      if (slope !== null) observe(METRIC_FLOOR_GROWTH, slope);
    },
  };
}
