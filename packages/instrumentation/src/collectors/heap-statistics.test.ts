import { getHeapStatistics } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  METRIC_HEAP_ALLOCATED,
  METRIC_HEAP_CONTEXT_COUNT,
  METRIC_HEAP_LIMIT,
  METRIC_HEAP_TOTAL,
  METRIC_HEAP_USED,
  METRIC_MEMORY_MALLOCED,
} from '@heapfloor/contract/metrics';
import { forceMajorGc } from '../testing/force-gc.ts';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createHeapStatisticsCollector } from './heap-statistics.ts';

const MIB = 1024 * 1024;
const read = async () => readCollectors([createHeapStatisticsCollector()]);

describe('createHeapStatisticsCollector', () => {
  it('exports the limit of V8, and the used and reserved heap that process.memoryUsage() says', async () => {
    const metrics = await read();
    const { heapUsed, heapTotal } = process.memoryUsage();
    expect(valueOf(metrics.get(METRIC_HEAP_LIMIT))).toBe(getHeapStatistics().heap_size_limit);
    // What the test itself allocates in between.
    expect(Math.abs((valueOf(metrics.get(METRIC_HEAP_USED)) ?? 0) - heapUsed)).toBeLessThan(MIB);
    expect(Math.abs((valueOf(metrics.get(METRIC_HEAP_TOTAL)) ?? 0) - heapTotal)).toBeLessThan(4 * MIB);
    expect(valueOf(metrics.get(METRIC_MEMORY_MALLOCED))).toBeGreaterThan(0);
  });

  it('counts native contexts, one more for one of node:vm', async () => {
    // Contexts of other tests that wait for their collection.
    forceMajorGc();
    const before = await read();
    const context = runInNewContext('globalThis') as object;
    const after = await read();
    const native = [before, after].map(
      (metrics) => valueOf(metrics.get(METRIC_HEAP_CONTEXT_COUNT), 'native') ?? 0,
    );
    expect(native[1]).toBe((native[0] ?? 0) + 1);
    expect(valueOf(after.get(METRIC_HEAP_CONTEXT_COUNT), 'detached')).toBeGreaterThanOrEqual(0);
    expect(typeof context).toBe('object');
  });

  it('exports what was ever allocated where Node says it, and nothing elsewhere', async () => {
    const before = valueOf((await read()).get(METRIC_HEAP_ALLOCATED));
    const isThere = 'total_allocated_bytes' in getHeapStatistics();
    expect(before !== undefined).toBe(isThere);
    expect(isThere).toBe(Number.parseInt(process.versions.node, 10) >= 26);
    if (before === undefined) return;
    const kept = Array.from({ length: 100_000 }, (_, index) => ({ index }));
    const grownBytes = (valueOf((await read()).get(METRIC_HEAP_ALLOCATED)) ?? 0) - before;
    expect(grownBytes).toBeGreaterThan(kept.length * 12);
  });
});
