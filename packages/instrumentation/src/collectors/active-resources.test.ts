import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { METRIC_V8JS_RESOURCE_ACTIVE } from '@heapfloor/contract/metrics';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createActiveResourcesCollector, nextBackOff, updateCounts } from './active-resources.ts';
import type { Collector } from './collector.ts';
import { countRuns } from './count-runs.ts';

const POLL = { timeout: 10_000, interval: 20 };
afterEach(() => vi.useRealTimers());

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

describe('updateCounts', () => {
  it('keeps a type that vanished, as zero', () => {
    const counts = new Map([['Timeout', 2]]);
    updateCounts(counts, new Map([['TCPSocketWrap', 1]]));
    expect(Object.fromEntries(counts)).toEqual({ Timeout: 0, TCPSocketWrap: 1 });
  });

  it('names 20 types and adds up all others', () => {
    const counts = new Map<string, number>();
    updateCounts(counts, new Map(Array.from({ length: 25 }, (_, index) => [`type${index}`, 2])));
    updateCounts(counts, new Map(Array.from({ length: 25 }, (_, index) => [`type${index}`, 3])));
    expect(counts.size).toBe(21);
    expect(counts.get('type19')).toBe(3);
    expect(counts.get('other')).toBe(15);
  });
});

describe('nextBackOff', () => {
  it('doubles up to 16 while counting takes more than 5 ms, and forgets it at once', () => {
    expect([1, 2, 8, 16].map((backOff) => nextBackOff(backOff, 5.1))).toEqual([2, 4, 16, 16]);
    expect(nextBackOff(16, 5)).toBe(1);
  });
});

describe('createActiveResourcesCollector', () => {
  it('counts on its own timer, and less often while that is slow', async () => {
    vi.useFakeTimers();
    let calls = 0;
    let clockMs = 0;
    const collector = createActiveResourcesCollector({
      windowMs: 10_000,
      readNames: () => {
        calls += 1;
        clockMs += 6;
        return ['Timeout'];
      },
      now: () => clockMs,
    });
    collector.start();
    collector.start();
    vi.advanceTimersByTime(1000);
    expect(calls).toBe(1);
    vi.advanceTimersByTime(19_000);
    expect(calls).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(calls).toBe(2);
    collector.stop();
    vi.advanceTimersByTime(1_000_000);
    expect(calls).toBe(2);
    vi.useRealTimers();
    expect(await countOf(collector, 'Timeout')).toBe(1);
  });

  it('sees a server open and close, and never its own timer', async () => {
    const collector = createActiveResourcesCollector({ windowMs: 50 });
    const timersBefore = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const server = createServer().listen(0);
    await once(server, 'listening');
    collector.start();
    const timersAfter = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    expect(timersAfter).toBe(timersBefore);
    await expect.poll(() => countOf(collector, 'TCPServerWrap'), POLL).toBe(1);
    server.close();
    await expect.poll(() => countOf(collector, 'TCPServerWrap'), POLL).toBe(0);
    collector.stop();
  });
});
