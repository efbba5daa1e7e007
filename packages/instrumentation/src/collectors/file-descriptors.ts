import { readdirSync, statSync } from 'node:fs';
import { METRIC_PROCESS_FILE_DESCRIPTOR_COUNT } from '@heapfloor/contract/metrics';
import { createBackOff, type BackOff } from './back-off.ts';
import type { Collector } from './collector.ts';

const PROC_DIRECTORY = '/proc/self/fd';

/** Open file descriptors, counted once per window; nothing where they cannot be counted. */
export function createFileDescriptorsCollector(
  count: () => number = countFileDescriptors,
  backOff: BackOff = createBackOff(),
): Collector {
  let counted: number | null = null;
  return {
    metricNames: [METRIC_PROCESS_FILE_DESCRIPTOR_COUNT],
    start() {},
    stop() {},
    onWindow() {
      backOff(() => {
        // First nothing: a count that failed must not go on as the last one.
        counted = null;
        counted = count();
      });
    },
    observe(observe) {
      if (counted !== null) observe(METRIC_PROCESS_FILE_DESCRIPTOR_COUNT, counted);
    },
  };
}

/**
 * Linux 6.2 and newer say the count as the size of the directory, in 2 µs and also when no descriptor is left; else the
 * entries are read.
 * @throws where the directory cannot be read, as without `/proc`.
 */
export function countFileDescriptors(directory = PROC_DIRECTORY): number {
  const { size } = statSync(directory);
  // One of the entries is the descriptor that reads them.
  return size > 0 ? size : readdirSync(directory).length - 1;
}
