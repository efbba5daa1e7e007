import { getHeapStatistics, type HeapInfo } from 'node:v8';
import {
  ATTR_CONTEXT_STATE,
  METRIC_HEAP_ALLOCATED,
  METRIC_HEAP_CONTEXT_COUNT,
  METRIC_HEAP_LIMIT,
  METRIC_HEAP_TOTAL,
  METRIC_HEAP_USED,
  METRIC_MEMORY_MALLOCED,
} from '@heapfloor/contract/metrics';
import type { Collector } from './collector.ts';

const NATIVE = { [ATTR_CONTEXT_STATE]: 'native' };
const DETACHED = { [ATTR_CONTEXT_STATE]: 'detached' };

/** Node.js 26 and newer. */
type HeapStatistics = HeapInfo & { readonly total_allocated_bytes?: number };

/** What V8 says of its heap, in one call of 1 µs: equal to `heapUsed` and `heapTotal` of `process.memoryUsage()`. */
export function createHeapStatisticsCollector(): Collector {
  return {
    metricNames: [
      METRIC_HEAP_LIMIT,
      METRIC_HEAP_USED,
      METRIC_HEAP_TOTAL,
      METRIC_MEMORY_MALLOCED,
      METRIC_HEAP_CONTEXT_COUNT,
      METRIC_HEAP_ALLOCATED,
    ],
    start() {},
    stop() {},
    observe(observe) {
      const heap: HeapStatistics = getHeapStatistics();
      // Read each time: V8 raises it when a near-limit hook asks for more.
      observe(METRIC_HEAP_LIMIT, heap.heap_size_limit);
      observe(METRIC_HEAP_USED, heap.used_heap_size);
      observe(METRIC_HEAP_TOTAL, heap.total_heap_size);
      observe(METRIC_MEMORY_MALLOCED, heap.malloced_memory);
      observe(METRIC_HEAP_CONTEXT_COUNT, heap.number_of_native_contexts, NATIVE);
      observe(METRIC_HEAP_CONTEXT_COUNT, heap.number_of_detached_contexts, DETACHED);
      const { total_allocated_bytes: allocatedBytes } = heap;
      if (allocatedBytes !== undefined) observe(METRIC_HEAP_ALLOCATED, allocatedBytes);
    },
  };
}
