import { METRIC_EVENTLOOP_LAG } from '@heapfloor/contract/metrics';
import type { Collector, RecordValue } from '../collector.ts';
import { realClock, type Clock } from '../real-clock.ts';

const PERIOD_MS = 500;

/**
 * How late a timer of 500 ms is, as a histogram: unlike percentiles, buckets of many instances can be added up. The
 * timer wakes an idle process, so this is only there when asked for.
 */
export function createEventLoopLagCollector(
  clock: Pick<Clock, 'nowMs' | 'setInterval' | 'clearInterval'> = realClock,
): Collector {
  let record: RecordValue | null = null;
  let timer: NodeJS.Timeout | null = null;
  return {
    metricNames: [METRIC_EVENTLOOP_LAG],
    start() {
      if (timer !== null) return;
      let dueMs = clock.nowMs() + PERIOD_MS;
      timer = clock.setInterval(() => {
        const nowMs = clock.nowMs();
        record?.(METRIC_EVENTLOOP_LAG, Math.max(0, nowMs - dueMs) / 1000);
        dueMs = nowMs + PERIOD_MS;
      }, PERIOD_MS);
      timer.unref();
    },
    stop() {
      if (timer !== null) clock.clearInterval(timer);
      timer = null;
    },
    connect(next) {
      record = next;
    },
    observe() {},
  };
}
