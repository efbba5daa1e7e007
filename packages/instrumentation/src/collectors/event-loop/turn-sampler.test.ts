import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { blockLoop } from '../../testing/block-loop.ts';
import { TurnSampler, type TurnSamplerSystem } from './turn-sampler.ts';

const started: TurnSampler[] = [];
afterEach(() => {
  for (const sampler of started.splice(0)) sampler.stop();
});

function start(system?: TurnSamplerSystem): TurnSampler {
  const sampler = new TurnSampler(system);
  started.push(sampler);
  return sampler;
}

const maxMs = ({ histogram }: TurnSampler): number => histogram.max / 1e6;

/** A loop whose turns, ticks and clocks this test moves. */
function createLoop() {
  let nowMs = 0;
  let idleMs = 0;
  let turns = 0;
  let onTurn: (() => void) | null = null;
  let onTick: (() => void) | null = null;
  const handle = { unref: () => handle };
  const clock = {
    nowMs: () => nowMs,
    setImmediate: (work: () => void) => ((onTurn = work), handle),
    clearImmediate: () => (onTurn = null),
    setInterval: (work: () => void) => ((onTick = work), handle),
    clearInterval: () => (onTick = null),
  } as unknown as TurnSamplerSystem['clock'];
  const pass = (work: (() => void) | null, busyMs: number, waitedMs: number): void => {
    nowMs += busyMs + waitedMs;
    idleMs += waitedMs;
    work?.();
  };
  return {
    system: { clock, idleMs: () => idleMs, turnCount: () => turns },
    turn(busyMs: number, waitedMs = 0) {
      turns += 1;
      pass(onTurn, busyMs, waitedMs);
    },
    /** Time that passes up to the next call of the timer, in so many turns. */
    tick(tookMs: number, turnCount: number) {
      turns += turnCount;
      pass(onTick, tookMs, 0);
    },
  };
}

describe('TurnSampler', () => {
  it('takes the wait for events off each turn', () => {
    const loop = createLoop();
    const { histogram } = start(loop.system);
    loop.turn(2, 500);
    loop.turn(300, 100);
    expect(histogram.count).toBe(2);
    expect(histogram.max / 1e6).toBeCloseTo(300, 0);
    expect(histogram.min / 1e6).toBeCloseTo(2, 1);
  });

  it('measures by a timer while turns are many, and by turns again when they are few', () => {
    const loop = createLoop();
    const sampler = start(loop.system);
    for (let turn = 0; turn < 2000; turn += 1) loop.turn(0.4);
    expect(sampler.isTicking).toBe(true);
    sampler.histogram.reset();
    loop.turn(70);
    expect(sampler.histogram.count).toBe(0);
    for (let tick = 0; tick < 50; tick += 1) loop.tick(20, 40);
    expect(sampler.isTicking).toBe(true);
    // The turn before the first tick is the lateness of that tick.
    expect(maxMs(sampler)).toBeCloseTo(70, 0);
    loop.tick(320, 40);
    expect(maxMs(sampler)).toBeCloseTo(300, 0);
    let calmTicks = 0;
    for (; sampler.isTicking && calmTicks < 100; calmTicks += 1) loop.tick(20, 1);
    // At the end of the first whole second of few turns: 50 ticks, and what was left of the second before.
    expect(calmTicks).toBeLessThanOrEqual(100);
    expect(sampler.isTicking).toBe(false);
    sampler.histogram.reset();
    loop.turn(80);
    expect(maxMs(sampler)).toBeCloseTo(80, 0);
  });

  it('goes on with turns that are many only now and then', () => {
    const loop = createLoop();
    const sampler = start(loop.system);
    for (let turn = 0; turn < 10_000; turn += 1) loop.turn(0.1, 0.5);
    expect(sampler.isTicking).toBe(false);
    expect(sampler.histogram.count).toBe(10_000);
  });

  it('records nothing but the smallest delay under a clock that stands still or goes back', () => {
    const loop = createLoop();
    const { histogram } = start(loop.system);
    loop.turn(0);
    loop.turn(-40);
    expect(histogram.count).toBe(2);
    expect(histogram.max).toBe(1);
  });

  it('records nothing after its end', async () => {
    const sampler = start();
    await nextTurn();
    sampler.stop();
    sampler.stop();
    const { count } = sampler.histogram;
    await nextTurn();
    await nextTurn();
    expect(sampler.histogram.count).toBe(count);
  });

  it('neither wakes an idle loop nor counts as what keeps it alive', async () => {
    const before = process.getActiveResourcesInfo();
    start();
    expect(process.getActiveResourcesInfo()).toEqual(before);
    await delay(20);
    const turnsBefore = performance.nodeTiming.uvMetricsInfo.loopCount;
    await delay(200);
    // This process has other work, but a loop that spins makes 100,000 turns.
    expect(performance.nodeTiming.uvMetricsInfo.loopCount - turnsBefore).toBeLessThan(100);
  });

  it('sees a real block of an immediate, of a timer and of the turn it was started in, once and whole', async () => {
    const sampler = start();
    blockLoop(120);
    await nextTurn();
    await nextTurn();
    expect(maxMs(sampler)).toBeGreaterThanOrEqual(119);
    for (const wait of [nextTurn, () => delay(5)]) {
      sampler.histogram.reset();
      await wait();
      blockLoop(150);
      await nextTurn();
      await nextTurn();
      expect(maxMs(sampler)).toBeGreaterThanOrEqual(149);
      expect(sampler.histogram.percentile(50) / 1e6).toBeLessThan(100);
    }
  });

  it('sees a real block also while a timer measures', async () => {
    const sampler = start();
    const endMs = performance.now() + 3000;
    while (!sampler.isTicking && performance.now() < endMs) await nextTurn();
    expect(sampler.isTicking).toBe(true);
    await delay(50);
    sampler.histogram.reset();
    blockLoop(150);
    await delay(30);
    // The timer of 20 ms begins up to 20 ms before the block.
    expect(maxMs(sampler)).toBeGreaterThanOrEqual(129);
  });
});
