import { METRIC_EVENTLOOP_BLOCKED_TIME } from '@heapfloor/contract/metrics';
import type { Collector } from '../collector.ts';
import type { DelayWindow } from './delay-window.ts';

/** By how much the event loop was blocked since the start. Starts and stops what measures the delay. */
export function createEventLoopBlockedCollector(delay: DelayWindow): Collector {
  return {
    metricNames: [METRIC_EVENTLOOP_BLOCKED_TIME],
    start: () => delay.start(),
    stop: () => delay.stop(),
    onWindow: () => delay.rotate(),
    observe(observe) {
      const blockedMs = delay.readBlockedMs();
      if (blockedMs !== null) observe(METRIC_EVENTLOOP_BLOCKED_TIME, blockedMs / 1000);
    },
  };
}
