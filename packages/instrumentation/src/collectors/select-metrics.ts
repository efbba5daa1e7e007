import {
  ALL_METRICS,
  METRIC_CAPTURE_COUNT,
  METRIC_CAPTURE_DURATION,
  METRIC_CAPTURE_STATE,
  METRIC_MEMORY_CGROUP_AVAILABLE,
  METRIC_MEMORY_CGROUP_LIMIT,
  METRIC_PROCESS_CPU_TIME,
  METRIC_PROCESS_FILE_DESCRIPTOR_COUNT,
  METRIC_PROCESS_MEMORY_USAGE,
  METRIC_PROCESS_UPTIME,
  type MetricSet,
} from '@heapfloor/contract/metrics';
import type { InstrumentationOptions } from '../options.ts';

/** The same for all isolates of a process, so that only the main thread exports them. */
const PROCESS_WIDE: ReadonlySet<string> = new Set([
  METRIC_MEMORY_CGROUP_LIMIT,
  METRIC_MEMORY_CGROUP_AVAILABLE,
  METRIC_PROCESS_MEMORY_USAGE,
  METRIC_PROCESS_UPTIME,
  METRIC_PROCESS_CPU_TIME,
  METRIC_PROCESS_FILE_DESCRIPTOR_COUNT,
  METRIC_CAPTURE_STATE,
  METRIC_CAPTURE_COUNT,
  METRIC_CAPTURE_DURATION,
]);

/** Names of the metrics that this isolate may export. */
export function selectMetrics(
  { families, details }: Pick<InstrumentationOptions, 'families' | 'details'>,
  isMainThread: boolean,
): ReadonlySet<string> {
  // `control`: the collector itself waits until control is there. `register` is of the exporter, not of a collector.
  const wanted = new Set<MetricSet>(['always', 'control', ...families, ...details]);
  const selected = ALL_METRICS.filter(
    ({ name, set }) =>
      [set].flat().some((one) => wanted.has(one)) && (isMainThread || !PROCESS_WIDE.has(name)),
  );
  return new Set(selected.map(({ name }) => name));
}
