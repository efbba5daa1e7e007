import { performance } from 'node:perf_hooks';
import { ATTR_V8JS_RESOURCE_TYPE, METRIC_V8JS_RESOURCE_ACTIVE } from '@heapfloor/contract/metrics';
import { quietly } from '../quietly.ts';
import type { Collector } from './collector.ts';
import { countRuns } from './count-runs.ts';

/** Types come from Node and are few; the bound keeps the series finite whatever Node does. */
const MAX_TYPES = 20;
const OTHER_TYPE = 'other';
const FIRST_SAMPLE_MS = 1000;
/** A count that took longer is made half as often, down to a sixteenth. */
const SLOW_MS = 5;
const MAX_BACK_OFF = 16;

export interface ActiveResourcesOptions {
  readonly windowMs: number;
  /** Reads the names; about 1 ms for 20,000 handles. */
  readonly readNames?: () => readonly string[];
  readonly now?: () => number;
}

/**
 * Resources that keep the event loop alive, by type. Counted on an own timer and not at collection: the cost grows with
 * the handles, and the timers of the collecting SDK would be counted. Our own timers and sockets are unref'd, and Node
 * does not list those.
 */
export function createActiveResourcesCollector(options: ActiveResourcesOptions): Collector {
  const readNames = options.readNames ?? (() => process.getActiveResourcesInfo());
  const now = options.now ?? (() => performance.now());
  const counts = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let backOff = 1;
  const schedule = (delayMs: number): void => {
    timer = setTimeout(() => {
      const beganMs = now();
      quietly('counting resources', () => updateCounts(counts, countRuns(readNames())));
      backOff = nextBackOff(backOff, now() - beganMs);
      schedule(options.windowMs * backOff);
    }, delayMs);
    timer.unref();
  };
  return {
    metricNames: [METRIC_V8JS_RESOURCE_ACTIVE],
    start() {
      if (timer === null) schedule(Math.min(FIRST_SAMPLE_MS, options.windowMs));
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
    observe(observe) {
      for (const [type, count] of counts) {
        observe(METRIC_V8JS_RESOURCE_ACTIVE, count, { [ATTR_V8JS_RESOURCE_TYPE]: type });
      }
    },
  };
}

export function nextBackOff(backOff: number, tookMs: number): number {
  return tookMs > SLOW_MS ? Math.min(backOff * 2, MAX_BACK_OFF) : 1;
}

/** A type that vanished becomes 0: an SDK would go on exporting its last count. */
export function updateCounts(counts: Map<string, number>, sample: ReadonlyMap<string, number>): void {
  for (const type of counts.keys()) counts.set(type, 0);
  for (const [name, count] of sample) {
    const type = counts.has(name) || counts.size < MAX_TYPES ? name : OTHER_TYPE;
    counts.set(type, (counts.get(type) ?? 0) + count);
  }
}
