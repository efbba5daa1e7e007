import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { METRIC_RESOURCE_TOTAL, METRIC_V8JS_RESOURCE_ACTIVE } from '@heapfloor/contract/metrics';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createActiveResourcesCollector } from './active-resources.ts';
import type { Collector } from './collector.ts';
import { countRuns } from './count-runs.ts';

async function countOf(collector: Collector, type: string): Promise<number | undefined> {
  const metrics = await readCollectors([collector]);
  return valueOf(metrics.get(METRIC_V8JS_RESOURCE_ACTIVE), type);
}

describe('countRuns', () => {
  it('counts a type also when its names are not in one run', () => {
    const names = ['Timeout', 'Timeout', 'TCPSocketWrap', 'Timeout'];
    expect(Object.fromEntries(countRuns(names))).toEqual({ Timeout: 3, TCPSocketWrap: 1 });
    expect(countRuns([]).size).toBe(0);
  });
});

describe('createActiveResourcesCollector', () => {
  it('exports nothing before the first window, then all and each type', async () => {
    const collector = createActiveResourcesCollector(() => ['PipeWrap', 'Timeout', 'Timeout']);
    expect((await readCollectors([collector])).size).toBe(0);
    collector.onWindow?.();
    const metrics = await readCollectors([collector]);
    expect(valueOf(metrics.get(METRIC_RESOURCE_TOTAL))).toBe(3);
    expect(valueOf(metrics.get(METRIC_V8JS_RESOURCE_ACTIVE), 'Timeout')).toBe(2);
    expect(valueOf(metrics.get(METRIC_V8JS_RESOURCE_ACTIVE), 'other')).toBe(1);
  });

  it('counts only when it is due', async () => {
    let calls = 0;
    const read = () => {
      calls += 1;
      return [];
    };
    const collector = createActiveResourcesCollector(read, () => {});
    collector.onWindow?.();
    expect(calls).toBe(0);
  });

  it('sees a server and a timer come and go, but no timer that is unref’d', async () => {
    const collector = createActiveResourcesCollector();
    collector.onWindow?.();
    const timersBefore = (await countOf(collector, 'Timeout')) ?? 0;
    const server = createServer().listen(0);
    await once(server, 'listening');
    const timers = [setTimeout(() => {}, 60_000), setTimeout(() => {}, 60_000).unref()];
    collector.onWindow?.();
    expect(await countOf(collector, 'TCPServerWrap')).toBe(1);
    expect(await countOf(collector, 'Timeout')).toBe(timersBefore + 1);
    for (const timer of timers) clearTimeout(timer);
    collector.onWindow?.();
    expect(await countOf(collector, 'Timeout')).toBe(timersBefore);
    server.close();
    // Node lists a server until a turn after its end.
    const countServers = async (): Promise<number | undefined> => {
      collector.onWindow?.();
      return countOf(collector, 'TCPServerWrap');
    };
    await expect.poll(countServers, { timeout: 10_000, interval: 20 }).toBe(0);
  });
});
