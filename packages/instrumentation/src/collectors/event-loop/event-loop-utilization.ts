import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import {
  ATTR_NODEJS_EVENTLOOP_STATE,
  METRIC_NODEJS_EVENTLOOP_TIME,
  METRIC_NODEJS_EVENTLOOP_UTILIZATION,
} from '@heapfloor/contract/metrics';
import type { Collector } from '../collector.ts';

const ACTIVE = { [ATTR_NODEJS_EVENTLOOP_STATE]: 'active' };
const IDLE = { [ATTR_NODEJS_EVENTLOOP_STATE]: 'idle' };

/**
 * Share of time the event loop was busy since the beginning of the last finished window, so that each reader sees at
 * least one full window, and the time itself since the loop began.
 */
export function createEventLoopUtilizationCollector(): Collector {
  let previous: EventLoopUtilization | undefined;
  let latest: EventLoopUtilization | undefined;
  return {
    metricNames: [METRIC_NODEJS_EVENTLOOP_UTILIZATION, METRIC_NODEJS_EVENTLOOP_TIME],
    start() {
      latest ??= performance.eventLoopUtilization();
      previous ??= latest;
    },
    stop() {
      previous = undefined;
      latest = undefined;
    },
    onWindow() {
      previous = latest;
      latest = performance.eventLoopUtilization();
    },
    observe(observe) {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, previous);
      observe(METRIC_NODEJS_EVENTLOOP_UTILIZATION, Math.min(1, Math.max(0, utilization)));
      observe(METRIC_NODEJS_EVENTLOOP_TIME, now.active / 1000, ACTIVE);
      observe(METRIC_NODEJS_EVENTLOOP_TIME, now.idle / 1000, IDLE);
    },
  };
}
