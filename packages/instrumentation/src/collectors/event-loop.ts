import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import {
  ATTR_NODEJS_EVENTLOOP_STATE,
  METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
  METRIC_NODEJS_EVENTLOOP_DELAY_MIN,
  METRIC_NODEJS_EVENTLOOP_DELAY_P50,
  METRIC_NODEJS_EVENTLOOP_DELAY_P99,
  METRIC_NODEJS_EVENTLOOP_TIME,
  METRIC_NODEJS_EVENTLOOP_UTILIZATION,
} from '@heapfloor/contract/metrics';
import type { Collector, Observe } from './collector.ts';
import { startDelayHistogram } from './delay-histogram.ts';
import { DelayWindow } from './delay-window.ts';

/** Delay and utilization of the event loop over the last one to two windows, and its time since the start. */
export function createEventLoopCollector(windowMs: number): Collector {
  const delay = new DelayWindow(windowMs, () => startDelayHistogram(process.version));
  const utilization = createUtilizationWindow(windowMs);
  return {
    metricNames: [
      METRIC_NODEJS_EVENTLOOP_UTILIZATION,
      METRIC_NODEJS_EVENTLOOP_TIME,
      METRIC_NODEJS_EVENTLOOP_DELAY_MIN,
      METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
      METRIC_NODEJS_EVENTLOOP_DELAY_P50,
      METRIC_NODEJS_EVENTLOOP_DELAY_P99,
    ],
    start() {
      delay.start();
      utilization.start();
    },
    stop() {
      delay.stop();
      utilization.stop();
    },
    observe(observe) {
      observeDelay(delay, observe);
      observe(METRIC_NODEJS_EVENTLOOP_UTILIZATION, utilization.read());
      const { active, idle } = performance.eventLoopUtilization();
      observe(METRIC_NODEJS_EVENTLOOP_TIME, active / 1000, { [ATTR_NODEJS_EVENTLOOP_STATE]: 'active' });
      observe(METRIC_NODEJS_EVENTLOOP_TIME, idle / 1000, { [ATTR_NODEJS_EVENTLOOP_STATE]: 'idle' });
    },
  };
}

function observeDelay(delay: DelayWindow, observe: Observe): void {
  const summary = delay.read();
  if (summary === null) return;
  observe(METRIC_NODEJS_EVENTLOOP_DELAY_MIN, summary.minMs / 1000);
  observe(METRIC_NODEJS_EVENTLOOP_DELAY_MAX, summary.maxMs / 1000);
  observe(METRIC_NODEJS_EVENTLOOP_DELAY_P50, summary.p50Ms / 1000);
  observe(METRIC_NODEJS_EVENTLOOP_DELAY_P99, summary.p99Ms / 1000);
}

/** Utilization since the beginning of the last finished window, so that each reader sees at least one full window. */
function createUtilizationWindow(windowMs: number): { start(): void; stop(): void; read(): number } {
  let previous: EventLoopUtilization = performance.eventLoopUtilization();
  let latest = previous;
  let timer: NodeJS.Timeout | null = null;
  return {
    start() {
      if (timer !== null) return;
      previous = performance.eventLoopUtilization();
      latest = previous;
      timer = setInterval(() => {
        previous = latest;
        latest = performance.eventLoopUtilization();
      }, windowMs);
      timer.unref();
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
    read: () => performance.eventLoopUtilization(previous).utilization,
  };
}
