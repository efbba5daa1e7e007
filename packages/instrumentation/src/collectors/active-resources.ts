import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_V8JS_RESOURCE_TYPE,
  METRIC_RESOURCE_TOTAL,
  METRIC_V8JS_RESOURCE_ACTIVE,
} from '@heapfloor/contract/metrics';
import { createBackOff, type BackOff } from './back-off.ts';
import type { Collector } from './collector.ts';
import { countRuns } from './count-runs.ts';
import { updateCounts } from './resource-counts.ts';

/**
 * Resources that keep the event loop alive, in all and by type. Counted once per window and not at collection: the cost
 * grows with the handles, and the timers of the collecting SDK would be counted. Our own timers are unref'd, and Node
 * does not list those.
 */
export function createActiveResourcesCollector(
  readNames: () => readonly string[] = () => process.getActiveResourcesInfo(),
  backOff: BackOff = createBackOff(),
): Collector {
  const counts = new Map<string, number>();
  const attributes = new Map<string, Attributes>();
  let total: number | null = null;
  return {
    metricNames: [METRIC_RESOURCE_TOTAL, METRIC_V8JS_RESOURCE_ACTIVE],
    start() {},
    stop() {},
    onWindow() {
      backOff(() => {
        const names = readNames();
        updateCounts(counts, countRuns(names));
        total = names.length;
      });
    },
    observe(observe) {
      if (total !== null) observe(METRIC_RESOURCE_TOTAL, total);
      for (const [type, count] of counts) {
        observe(METRIC_V8JS_RESOURCE_ACTIVE, count, attributesOf(attributes, type));
      }
    },
  };
}

function attributesOf(all: Map<string, Attributes>, type: string): Attributes {
  const known = all.get(type);
  if (known !== undefined) return known;
  const attributes = { [ATTR_V8JS_RESOURCE_TYPE]: type };
  all.set(type, attributes);
  return attributes;
}
