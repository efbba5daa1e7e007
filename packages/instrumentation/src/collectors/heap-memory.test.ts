import { getHeapStatistics } from 'node:v8';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  METRIC_HEAP_LIMIT,
  METRIC_HEAP_TOTAL,
  METRIC_HEAP_USED,
  METRIC_MEMORY_ARRAY_BUFFERS,
  METRIC_MEMORY_EXTERNAL,
  METRIC_PROCESS_MEMORY_USAGE,
} from '@heapfloor/contract/metrics';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createHeapMemoryCollector } from './heap-memory.ts';
import { createProcessMemoryCollector } from './process-memory.ts';

const MIB = 1024 * 1024;
afterEach(() => void vi.restoreAllMocks());

describe('createHeapMemoryCollector', () => {
  it('exports the limit of V8 and what is used and reserved now', async () => {
    const usage = { rss: 5, heapTotal: 4, heapUsed: 3, external: 2, arrayBuffers: 1 };
    vi.spyOn(process, 'memoryUsage').mockReturnValueOnce(usage);
    const metrics = await readCollectors([createHeapMemoryCollector()]);
    expect(valueOf(metrics.get(METRIC_HEAP_LIMIT))).toBe(getHeapStatistics().heap_size_limit);
    expect(valueOf(metrics.get(METRIC_HEAP_USED))).toBe(3);
    expect(valueOf(metrics.get(METRIC_HEAP_TOTAL))).toBe(4);
    expect(valueOf(metrics.get(METRIC_MEMORY_EXTERNAL))).toBe(2);
    expect(valueOf(metrics.get(METRIC_MEMORY_ARRAY_BUFFERS))).toBe(1);
  });

  it('sees an ArrayBuffer, which the heap does not', async () => {
    const before = await readCollectors([createHeapMemoryCollector()]);
    const buffer = new ArrayBuffer(64 * MIB);
    const after = await readCollectors([createHeapMemoryCollector()]);
    for (const name of [METRIC_MEMORY_ARRAY_BUFFERS, METRIC_MEMORY_EXTERNAL]) {
      const grownBytes = (valueOf(after.get(name)) ?? 0) - (valueOf(before.get(name)) ?? 0);
      expect(Math.abs(grownBytes - buffer.byteLength)).toBeLessThan(4 * MIB);
    }
  });
});

describe('createProcessMemoryCollector', () => {
  it('exports the resident set size', async () => {
    const metrics = await readCollectors([createProcessMemoryCollector()]);
    const rss = process.memoryUsage.rss();
    expect(Math.abs((valueOf(metrics.get(METRIC_PROCESS_MEMORY_USAGE)) ?? 0) - rss)).toBeLessThan(32 * MIB);
  });
});
