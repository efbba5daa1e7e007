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
import type { FloorState, FloorTracker } from '../floor/floor-tracker.ts';
import type { OldSpaceLimit } from '../limit/derive-limit.ts';
import type { Collector, Observe } from './collector.ts';
import { realClock } from './real-clock.ts';

const WARNING = { [ATTR_BREACH_LEVEL]: 'warning' };
const CRITICAL = { [ATTR_BREACH_LEVEL]: 'critical' };
const LAG = { [ATTR_DISCARD_REASON]: 'lag' };
const BATCH = { [ATTR_DISCARD_REASON]: 'batch' };

/** The floor, its limit, how fresh it is and for how long it has been too high. */
export function createHeapFloorCollector(
  limit: OldSpaceLimit,
  tracker: Pick<FloorTracker, 'state' | 'start' | 'stop'>,
): Collector {
  const source = { [ATTR_LIMIT_SOURCE]: limit.source };
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
    start: () => tracker.start(),
    stop: () => tracker.stop(),
    observe(observe) {
      const { state } = tracker;
      observe(METRIC_HEAP_OLD_LIMIT, limit.bytes, source);
      observe(METRIC_FLOOR_THRESHOLD, FLOOR_THRESHOLD_RATIO);
      observeFloor(state, limit, observe);
      observeBreach(state, observe);
      observe(METRIC_FLOOR_SAMPLE_DISCARDED, state.discarded.lag, LAG);
      observe(METRIC_FLOOR_SAMPLE_DISCARDED, state.discarded.batch, BATCH);
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
  observe(METRIC_GC_LAST_MAJOR_AGE, Math.max(0, realClock.nowMs() - state.lastMajorEndMs) / 1000);
}

function observeBreach({ breach }: FloorState, observe: Observe): void {
  observe(METRIC_FLOOR_BREACH_STREAK, breach.streak, WARNING);
  observe(METRIC_FLOOR_BREACH_STREAK, breach.criticalStreak, CRITICAL);
  observe(METRIC_FLOOR_BREACH_DURATION, breach.durationSeconds);
}
