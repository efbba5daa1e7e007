import { totalmem } from 'node:os';
import { METRIC_MEMORY_CGROUP_AVAILABLE, METRIC_MEMORY_CGROUP_LIMIT } from '@heapfloor/contract/metrics';
import type { Collector } from './collector.ts';

/**
 * Memory limit of the container and what is free of it; nothing where there is no limit. The limit is read once per
 * window: it takes 12 to 22 µs, and Kubernetes can resize a running pod.
 */
export function createCgroupMemoryCollector(): Collector {
  let limitBytes: number | null = null;
  const readLimit = (): void => {
    limitBytes = limitOf(process.constrainedMemory(), totalmem());
  };
  return {
    metricNames: [METRIC_MEMORY_CGROUP_LIMIT, METRIC_MEMORY_CGROUP_AVAILABLE],
    start: readLimit,
    stop() {},
    onWindow: readLimit,
    observe(observe) {
      if (limitBytes === null) return;
      observe(METRIC_MEMORY_CGROUP_LIMIT, limitBytes);
      const availableBytes = process.availableMemory();
      // Without a limit of its own Node says what the machine has.
      if (availableBytes <= limitBytes) observe(METRIC_MEMORY_CGROUP_AVAILABLE, availableBytes);
    },
  };
}

/** Null without a limit: Node says 0, 2^64 or nothing then, or what the machine has. */
export function limitOf(constrainedBytes: number | undefined, physicalBytes: number): number | null {
  if (constrainedBytes === undefined || !(constrainedBytes > 0)) return null;
  return constrainedBytes < physicalBytes ? constrainedBytes : null;
}
