import { METRIC_PROCESS_MEMORY_USAGE } from '@heapfloor/contract/metrics';
import type { Collector } from './collector.ts';

/** Resident set size: of the whole process, also when a worker reads it. About 5 µs. */
export function createProcessMemoryCollector(): Collector {
  return {
    metricNames: [METRIC_PROCESS_MEMORY_USAGE],
    start() {},
    stop() {},
    observe(observe) {
      observe(METRIC_PROCESS_MEMORY_USAGE, process.memoryUsage.rss());
    },
  };
}
