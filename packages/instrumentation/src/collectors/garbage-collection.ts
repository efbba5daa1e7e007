import type { Attributes } from '@opentelemetry/api';
import { ATTR_V8JS_GC_TYPE, METRIC_GC_COUNT, METRIC_GC_PAUSE_TIME } from '@heapfloor/contract/metrics';
import type { GcEntry, GcType } from '../floor/gc-observer.ts';
import type { Collector } from './collector.ts';

/** A collector that is fed by the one GC observer. */
export interface GcCollector extends Collector {
  /** Adds a batch of the GC observer. */
  add(entries: readonly GcEntry[]): void;
}

export const GC_TYPE_ATTRIBUTES: Readonly<Record<GcType, Attributes>> = {
  major: { [ATTR_V8JS_GC_TYPE]: 'major' },
  minor: { [ATTR_V8JS_GC_TYPE]: 'minor' },
  incremental: { [ATTR_V8JS_GC_TYPE]: 'incremental' },
  weakcb: { [ATTR_V8JS_GC_TYPE]: 'weakcb' },
};

const GC_TYPES: readonly GcType[] = ['major', 'minor', 'incremental', 'weakcb'];

/**
 * Totals of count and pause by type; they only grow, also over `stop` and `start`.
 * @param observer - what feeds it; nothing is exported where that cannot start.
 */
export function createGarbageCollectionCollector(observer: Pick<Collector, 'start' | 'stop'>): GcCollector {
  // Each major GC also brings an `incremental` entry, so only these two count as garbage collections.
  const counts = { major: 0, minor: 0 };
  // Not a Map of numbers: each would be a new object on the heap, and made every minor GC some 30 µs longer (Node 26).
  const pausesSeconds = new Float64Array(GC_TYPES.length);
  // Two types from the start, so that the first GC is an increase and not a new series.
  const isSeen = GC_TYPES.map((type) => type === 'major' || type === 'minor');
  let isFed = false;
  return {
    metricNames: [METRIC_GC_COUNT, METRIC_GC_PAUSE_TIME],
    start() {
      observer.start();
      isFed = true;
    },
    stop: () => observer.stop(),
    add(entries) {
      for (const entry of entries) {
        const { type } = entry;
        if (type === 'major' || type === 'minor') counts[type] += 1;
        const index = GC_TYPES.indexOf(type);
        pausesSeconds[index] = (pausesSeconds[index] ?? 0) + pauseSeconds(entry);
        isSeen[index] = true;
      }
    },
    observe(observe) {
      if (!isFed) return;
      observe(METRIC_GC_COUNT, counts.major, GC_TYPE_ATTRIBUTES.major);
      observe(METRIC_GC_COUNT, counts.minor, GC_TYPE_ATTRIBUTES.minor);
      for (const [index, type] of GC_TYPES.entries()) {
        if (isSeen[index] === true)
          observe(METRIC_GC_PAUSE_TIME, pausesSeconds[index] ?? 0, GC_TYPE_ATTRIBUTES[type]);
      }
    },
  };
}

/** A clock that stands still, goes back or is stubbed must not poison a total. */
export function pauseSeconds({ durationMs }: GcEntry): number {
  return durationMs > 0 ? durationMs / 1000 : 0;
}
