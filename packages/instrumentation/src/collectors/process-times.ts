import { ATTR_CPU_MODE, METRIC_PROCESS_CPU_TIME, METRIC_PROCESS_UPTIME } from '@heapfloor/contract/metrics';
import { quietly } from '../quietly.ts';
import type { Collector } from './collector.ts';

const US_PER_SECOND = 1e6;
const USER = { [ATTR_CPU_MODE]: 'user' };
const SYSTEM = { [ATTR_CPU_MODE]: 'system' };

/** How long the process has lived, and what CPU time it took. */
export function createProcessTimesCollector(): Collector {
  return {
    metricNames: [METRIC_PROCESS_UPTIME, METRIC_PROCESS_CPU_TIME],
    start() {},
    stop() {},
    observe(observe) {
      quietly('reading the uptime', () => observe(METRIC_PROCESS_UPTIME, process.uptime()));
      const { user, system } = process.cpuUsage();
      observe(METRIC_PROCESS_CPU_TIME, user / US_PER_SECOND, USER);
      observe(METRIC_PROCESS_CPU_TIME, system / US_PER_SECOND, SYSTEM);
    },
  };
}
