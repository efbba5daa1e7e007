import { performance } from 'node:perf_hooks';
import {
  ATTR_BREACH_LEVEL,
  ATTR_DISCARD_REASON,
  ATTR_LIMIT_SOURCE,
  METRIC_FLOOR_BREACH_DURATION,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_FLOOR_SAMPLE_DISCARDED,
  METRIC_FLOOR_THRESHOLD,
  METRIC_FLOOR_UTILIZATION,
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
} from '@heapfloor/contract/metrics';
import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract/rule';
import type { FloorState } from '../floor/floor-tracker.ts';
import type { OldSpaceLimit } from '../limit/derive-limit.ts';
import type { Collector, Observe } from './collector.ts';

/** The floor, its limit, how fresh it is and for how long it has been too high. */
export function createHeapFloorCollector(limit: OldSpaceLimit, readState: () => FloorState): Collector {
  return {
    metricNames: [
      METRIC_HEAP_FLOOR,
      METRIC_HEAP_OLD_LIMIT,
      METRIC_FLOOR_UTILIZATION,
      METRIC_FLOOR_BREACH_STREAK,
      METRIC_FLOOR_BREACH_DURATION,
      METRIC_FLOOR_THRESHOLD,
      METRIC_FLOOR_SAMPLE_DISCARDED,
      METRIC_GC_LAST_MAJOR_AGE,
    ],
    start() {},
    stop() {},
    observe(observe) {
      const state = readState();
      observe(METRIC_HEAP_OLD_LIMIT, limit.bytes, { [ATTR_LIMIT_SOURCE]: limit.source });
      observe(METRIC_FLOOR_THRESHOLD, FLOOR_THRESHOLD_RATIO);
      observeFloor(state, limit, observe);
      observeBreach(state, observe);
      observe(METRIC_FLOOR_SAMPLE_DISCARDED, state.discarded.lag, { [ATTR_DISCARD_REASON]: 'lag' });
      observe(METRIC_FLOOR_SAMPLE_DISCARDED, state.discarded.batch, { [ATTR_DISCARD_REASON]: 'batch' });
    },
  };
}

/** Nothing before the first reading: a zero would look like an empty heap. */
function observeFloor(state: FloorState, limit: OldSpaceLimit, observe: Observe): void {
  if (state.floorBytes !== null) {
    observe(METRIC_HEAP_FLOOR, state.floorBytes);
    observe(METRIC_FLOOR_UTILIZATION, state.floorBytes / limit.bytes);
  }
  if (state.lastMajorEndMs === null) return;
  observe(METRIC_GC_LAST_MAJOR_AGE, Math.max(0, performance.now() - state.lastMajorEndMs) / 1000);
}

function observeBreach({ breach }: FloorState, observe: Observe): void {
  observe(METRIC_FLOOR_BREACH_STREAK, breach.streak, { [ATTR_BREACH_LEVEL]: 'warning' });
  observe(METRIC_FLOOR_BREACH_STREAK, breach.criticalStreak, { [ATTR_BREACH_LEVEL]: 'critical' });
  observe(METRIC_FLOOR_BREACH_DURATION, breach.durationSeconds);
}
