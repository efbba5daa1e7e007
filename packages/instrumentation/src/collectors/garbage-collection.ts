import { ATTR_V8JS_GC_TYPE, METRIC_GC_COUNT, METRIC_GC_PAUSE_TIME } from '@heapfloor/contract/metrics';
import type { GcEntry, GcType } from '../floor/gc-observer.ts';
import type { Collector } from './collector.ts';

export interface GarbageCollectionCollector extends Collector {
  /** Adds a batch of the GC observer. */
  add(entries: readonly GcEntry[]): void;
}

/** Totals of count and pause by type; they only grow, also over `stop` and `start`. */
export function createGarbageCollectionCollector(): GarbageCollectionCollector {
  // Two types from the start, so that the first GC is an increase and not a new series.
  const totals = new Map<GcType, { count: number; pauseMs: number }>([
    ['major', { count: 0, pauseMs: 0 }],
    ['minor', { count: 0, pauseMs: 0 }],
  ]);
  return {
    metricNames: [METRIC_GC_COUNT, METRIC_GC_PAUSE_TIME],
    start() {},
    stop() {},
    add(entries) {
      for (const { type, durationMs } of entries) {
        const { count, pauseMs } = totals.get(type) ?? { count: 0, pauseMs: 0 };
        totals.set(type, { count: count + 1, pauseMs: pauseMs + durationMs });
      }
    },
    observe(observe) {
      for (const [type, { count, pauseMs }] of totals) {
        observe(METRIC_GC_COUNT, count, { [ATTR_V8JS_GC_TYPE]: type });
        observe(METRIC_GC_PAUSE_TIME, pauseMs / 1000, { [ATTR_V8JS_GC_TYPE]: type });
      }
    },
  };
}
