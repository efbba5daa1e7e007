import {
  METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
  METRIC_NODEJS_EVENTLOOP_DELAY_MIN,
  METRIC_NODEJS_EVENTLOOP_DELAY_P50,
  METRIC_NODEJS_EVENTLOOP_DELAY_P99,
} from '@heapfloor/contract/metrics';
import type { Collector } from '../collector.ts';
import type { DelayWindow } from './delay-window.ts';

/** Delay of the event loop over the last one to two windows; what measures it is started for the blocked time. */
export function createEventLoopDelayCollector(delay: Pick<DelayWindow, 'read'>): Collector {
  return {
    metricNames: [
      METRIC_NODEJS_EVENTLOOP_DELAY_MIN,
      METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
      METRIC_NODEJS_EVENTLOOP_DELAY_P50,
      METRIC_NODEJS_EVENTLOOP_DELAY_P99,
    ],
    start() {},
    stop() {},
    observe(observe) {
      const summary = delay.read();
      if (summary === null) return;
      observe(METRIC_NODEJS_EVENTLOOP_DELAY_MIN, summary.minMs / 1000);
      observe(METRIC_NODEJS_EVENTLOOP_DELAY_MAX, summary.maxMs / 1000);
      observe(METRIC_NODEJS_EVENTLOOP_DELAY_P50, summary.p50Ms / 1000);
      observe(METRIC_NODEJS_EVENTLOOP_DELAY_P99, summary.p99Ms / 1000);
    },
  };
}
