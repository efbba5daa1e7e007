import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  METRIC_MEMORY_ARRAY_BUFFERS,
  METRIC_MEMORY_EXTERNAL,
  METRIC_PROCESS_MEMORY_USAGE,
} from '@heapfloor/contract/metrics';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createMemoryUsageCollector } from './memory-usage.ts';

const MIB = 1024 * 1024;
afterEach(() => void vi.restoreAllMocks());

describe('createMemoryUsageCollector', () => {
  it('exports external memory, array buffers and the resident set from one call', async () => {
    const usage = { rss: 5, heapTotal: 4, heapUsed: 3, external: 2, arrayBuffers: 1 };
    const memoryUsage = vi.spyOn(process, 'memoryUsage').mockReturnValue(usage);
    const metrics = await readCollectors([createMemoryUsageCollector()]);
    expect(valueOf(metrics.get(METRIC_MEMORY_EXTERNAL))).toBe(2);
    expect(valueOf(metrics.get(METRIC_MEMORY_ARRAY_BUFFERS))).toBe(1);
    expect(valueOf(metrics.get(METRIC_PROCESS_MEMORY_USAGE))).toBe(5);
    expect(memoryUsage).toHaveBeenCalledTimes(1);
  });

  it('sees an ArrayBuffer, which the heap does not', async () => {
    const before = await readCollectors([createMemoryUsageCollector()]);
    const buffer = new ArrayBuffer(64 * MIB);
    const after = await readCollectors([createMemoryUsageCollector()]);
    for (const name of [METRIC_MEMORY_ARRAY_BUFFERS, METRIC_MEMORY_EXTERNAL]) {
      const grownBytes = (valueOf(after.get(name)) ?? 0) - (valueOf(before.get(name)) ?? 0);
      expect(Math.abs(grownBytes - buffer.byteLength)).toBeLessThan(4 * MIB);
    }
  });
});
