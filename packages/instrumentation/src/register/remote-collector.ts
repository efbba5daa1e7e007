import { METRIC_GC_LAST_MAJOR_AGE } from '@heapfloor/contract/metrics';
import type { Collector, RecordValue } from '../collectors/collector.ts';
import { readSharedClockMs, type WorkerPosting } from './worker-posting.ts';

/** Metrics that grow by themselves, in seconds, after they were read. */
const AGES: readonly string[] = [METRIC_GC_LAST_MAJOR_AGE];

export interface RemoteCollector extends Collector {
  take(posting: WorkerPosting): void;
}

/** Hands out what a worker has posted last. */
export function createRemoteCollector(
  { metricNames }: Pick<WorkerPosting, 'metricNames'>,
  readClockMs = readSharedClockMs,
): RemoteCollector {
  let latest: WorkerPosting | null = null;
  let record: RecordValue | null = null;
  return {
    metricNames,
    start() {},
    stop() {},
    connect(to) {
      record = to;
    },
    take(posting) {
      latest = posting;
      for (const figure of posting.records) record?.(...figure);
    },
    observe(observe) {
      if (latest === null) return;
      const agedSeconds = Math.max(0, readClockMs() - latest.sentMs) / 1000;
      for (const [name, value, attributes] of latest.observations) {
        observe(name, AGES.includes(name) ? value + agedSeconds : value, attributes);
      }
    },
  };
}
