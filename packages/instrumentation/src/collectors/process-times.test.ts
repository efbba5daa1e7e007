import { describe, expect, it } from 'vitest';
import { METRIC_PROCESS_CPU_TIME, METRIC_PROCESS_UPTIME } from '@heapfloor/contract/metrics';
import { blockLoop } from '../testing/block-loop.ts';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createProcessTimesCollector } from './process-times.ts';

describe('createProcessTimesCollector', () => {
  it('exports the uptime, and CPU time by mode, which grows with work', async () => {
    const before = await readCollectors([createProcessTimesCollector()]);
    const cpuBefore = process.cpuUsage();
    blockLoop(100);
    const after = await readCollectors([createProcessTimesCollector()]);
    const uptime = [before, after].map((metrics) => valueOf(metrics.get(METRIC_PROCESS_UPTIME)) ?? 0);
    expect((uptime[1] ?? 0) - (uptime[0] ?? 0)).toBeGreaterThanOrEqual(0.1);
    expect(Math.abs((uptime[1] ?? 0) - process.uptime())).toBeLessThan(5);
    const user = [before, after].map((metrics) => valueOf(metrics.get(METRIC_PROCESS_CPU_TIME), 'user') ?? 0);
    const spentSeconds = process.cpuUsage(cpuBefore).user / 1e6;
    // The machine may give less than one core; what Node itself says is the truth.
    expect((user[1] ?? 0) - (user[0] ?? 0)).toBeGreaterThan(0);
    expect((user[1] ?? 0) - (user[0] ?? 0)).toBeLessThan(spentSeconds + 0.05);
    expect(valueOf(after.get(METRIC_PROCESS_CPU_TIME), 'system')).toBeGreaterThan(0);
  });
});
