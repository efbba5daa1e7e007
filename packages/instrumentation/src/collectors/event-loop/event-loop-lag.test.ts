import { afterEach, describe, expect, it } from 'vitest';
import { METRIC_EVENTLOOP_LAG } from '@heapfloor/contract/metrics';
import { bindCollectors } from '../../bind-collectors.ts';
import { createProvider, histogramOf } from '../../testing/read-metrics.ts';
import type { Clock } from '../real-clock.ts';
import { createEventLoopLagCollector } from './event-loop-lag.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A timer that rings when this test says so. */
function createTimer() {
  let nowMs = 0;
  let ring: (() => void) | null = null;
  const clock = {
    nowMs: () => nowMs,
    setInterval: (work: () => void) => ((ring = work), { unref() {} }),
    clearInterval: () => (ring = null),
  } as unknown as Pick<Clock, 'nowMs' | 'setInterval' | 'clearInterval'>;
  const ringAfter = (ms: number): void => {
    nowMs += ms;
    ring?.();
  };
  return { clock, ringAfter };
}

function start(clock?: Parameters<typeof createEventLoopLagCollector>[0]) {
  const { provider, readers } = createProvider();
  const collector = createEventLoopLagCollector(clock);
  const unbind = bindCollectors(provider.getMeter('test'), [collector]);
  collector.start();
  collector.start();
  stops.push(() => collector.stop());
  const read = async () => histogramOf((await readers[0]?.read())?.get(METRIC_EVENTLOOP_LAG));
  return { collector, unbind, read };
}

describe('createEventLoopLagCollector', () => {
  it('records how late a timer of 500 ms is, in the buckets of the contract', async () => {
    const { clock, ringAfter } = createTimer();
    const { collector, unbind, read } = start(clock);
    for (const ms of [500, 530, 800, 400]) ringAfter(ms);
    collector.stop();
    ringAfter(9000);
    collector.start();
    unbind();
    ringAfter(9000);
    const lag = await read();
    expect(lag?.buckets.boundaries).toEqual([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]);
    expect(lag?.buckets.counts).toEqual([2, 0, 1, 0, 0, 1, 0, 0, 0]);
    expect(lag?.sum).toBeCloseTo(0.33, 9);
  });

  it('measures by a real timer that keeps nothing alive', async () => {
    const before = process.getActiveResourcesInfo();
    const { read } = start();
    expect(process.getActiveResourcesInfo()).toEqual(before);
    await expect.poll(async () => (await read())?.count, { timeout: 10_000, interval: 50 }).toBe(1);
    expect((await read())?.max).toBeLessThan(10);
  });
});
