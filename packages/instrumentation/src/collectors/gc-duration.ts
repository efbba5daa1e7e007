import { METRIC_V8JS_GC_DURATION } from '@heapfloor/contract/metrics';
import type { RecordValue } from './collector.ts';
import { GC_TYPE_ATTRIBUTES, pauseSeconds, type GcCollector } from './garbage-collection.ts';

/** Durations of garbage collections as a histogram: all entries, `incremental` and `weakcb` too. */
export function createGcDurationCollector(): GcCollector {
  let record: RecordValue | null = null;
  return {
    metricNames: [METRIC_V8JS_GC_DURATION],
    start() {},
    stop() {},
    connect(next) {
      record = next;
    },
    add(entries) {
      if (record === null) return;
      for (const entry of entries) {
        record(METRIC_V8JS_GC_DURATION, pauseSeconds(entry), GC_TYPE_ATTRIBUTES[entry.type]);
      }
    },
    observe() {},
  };
}
