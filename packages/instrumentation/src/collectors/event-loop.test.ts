import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
  METRIC_NODEJS_EVENTLOOP_DELAY_MIN,
  METRIC_NODEJS_EVENTLOOP_DELAY_P50,
  METRIC_NODEJS_EVENTLOOP_DELAY_P99,
  METRIC_NODEJS_EVENTLOOP_TIME,
  METRIC_NODEJS_EVENTLOOP_UTILIZATION,
} from '@heapfloor/contract/metrics';
import { bindCollectors } from '../bind-collectors.ts';
import { blockLoop } from '../testing/block-loop.ts';
import { createProvider, readCollectors, valueOf, type PullReader } from '../testing/read-metrics.ts';
import { startDelayHistogram, type DelayHistogram } from './delay-histogram.ts';
import { DelayWindow } from './delay-window.ts';
import { createEventLoopCollector } from './event-loop.ts';

const LONG_MS = 3_600_000;
const POLL = { timeout: 10_000, interval: 20 };
const collector = createEventLoopCollector(LONG_MS);
afterEach(() => collector.stop());

/** Largest delay that a reader sees, in seconds. */
async function maxSeconds(reader: PullReader | undefined): Promise<number> {
  return valueOf((await reader?.read())?.get(METRIC_NODEJS_EVENTLOOP_DELAY_MAX)) ?? -1;
}

describe('createEventLoopCollector', () => {
  it('exports no delay while nothing was measured', async () => {
    collector.start();
    const metrics = await readCollectors([collector]);
    const stopped = await readCollectors([createEventLoopCollector(LONG_MS)]);
    for (const name of [METRIC_NODEJS_EVENTLOOP_DELAY_MIN, METRIC_NODEJS_EVENTLOOP_DELAY_P50]) {
      expect(stopped.has(name)).toBe(false);
      // Nothing, or a real figure; never the 292 years of an empty histogram.
      expect(valueOf(metrics.get(name)) ?? 0).toBeLessThan(10);
    }
  });

  it('gives two readers the same maximum of a block, one after the other', async () => {
    const { provider, readers } = createProvider(2);
    bindCollectors(provider.getMeter('test'), [collector]);
    collector.start();
    // The first interval of a histogram is dropped, so the block waits for the first figure.
    await expect.poll(() => maxSeconds(readers[0]), POLL).toBeGreaterThanOrEqual(0);
    blockLoop(300);
    // A timer of 50 ms may begin its interval up to 50 ms before the block.
    await expect.poll(() => maxSeconds(readers[0]), POLL).toBeGreaterThan(0.245);
    expect(await maxSeconds(readers[1])).toBe(await maxSeconds(readers[0]));
    const seen = await readers[1]?.read();
    expect(valueOf(seen?.get(METRIC_NODEJS_EVENTLOOP_DELAY_P99))).toBeLessThanOrEqual(
      await maxSeconds(readers[1]),
    );
  });

  it('exports time by state, which only grows, and the utilization since the window began', async () => {
    collector.start();
    blockLoop(100);
    await nextTurn();
    const first = await readCollectors([collector]);
    blockLoop(100);
    await nextTurn();
    const second = await readCollectors([collector]);
    const grownSeconds =
      (valueOf(second.get(METRIC_NODEJS_EVENTLOOP_TIME), 'active') ?? 0) -
      (valueOf(first.get(METRIC_NODEJS_EVENTLOOP_TIME), 'active') ?? 0);
    expect(grownSeconds).toBeGreaterThan(0.099);
    expect(valueOf(second.get(METRIC_NODEJS_EVENTLOOP_UTILIZATION))).toBeGreaterThan(0.9);
    expect(valueOf(second.get(METRIC_NODEJS_EVENTLOOP_UTILIZATION))).toBeLessThanOrEqual(1);
  });
});

/** A histogram whose figures are set by hand. */
function fakeHistogram(
  periodMs: number,
  ns: { min: number; max: number; p50: number; p99: number } | null,
): DelayHistogram {
  const histogram = {
    count: ns === null ? 0 : 10,
    min: ns?.min ?? 9.2e18,
    max: ns?.max ?? 0,
    percentile: (percentile: number) => (percentile === 50 ? ns?.p50 : ns?.p99) ?? 511,
    disable: () => true,
  };
  return { histogram: histogram as unknown as DelayHistogram['histogram'], periodMs };
}

describe('DelayWindow', () => {
  it('subtracts the period, and is never negative', () => {
    const window = new DelayWindow(LONG_MS, () =>
      fakeHistogram(50, { min: 49.9e6, max: 2050e6, p50: 50.1e6, p99: 60e6 }),
    );
    window.start();
    const summary = window.read();
    window.stop();
    expect(summary?.minMs).toBe(0);
    expect(summary?.maxMs).toBe(2000);
    expect(summary?.p50Ms).toBeCloseTo(0.1, 6);
    expect(summary?.p99Ms).toBe(10);
  });

  it('looks back over the last window and the one that runs', () => {
    const figures = [
      { min: 2e6, max: 900e6, p50: 3e6, p99: 4e6 },
      { min: 1e6, max: 5e6, p50: 2e6, p99: 5e6 },
      null,
    ];
    const window = new DelayWindow(LONG_MS, () => fakeHistogram(0, figures.shift() ?? null));
    window.start();
    expect(window.read()).toEqual({ minMs: 2, maxMs: 900, p50Ms: 3, p99Ms: 4 });
    window.rotate();
    expect(window.read()).toEqual({ minMs: 1, maxMs: 900, p50Ms: 3, p99Ms: 4 });
    window.rotate();
    expect(window.read()).toEqual({ minMs: 1, maxMs: 5, p50Ms: 2, p99Ms: 5 });
    window.stop();
    expect(window.read()).toBeNull();
  });

  it('does not lose a block that begins right after a window', async () => {
    const window = new DelayWindow(LONG_MS, () => startDelayHistogram(process.version));
    window.start();
    await expect.poll(() => window.read(), POLL).not.toBeNull();
    window.rotate();
    blockLoop(300);
    // A timer of 50 ms may begin its interval up to 50 ms before the block.
    await expect.poll(() => window.read()?.maxMs, POLL).toBeGreaterThan(245);
    window.stop();
  });
});
