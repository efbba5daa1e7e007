import { createHistogram } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { blockLoop } from '../../testing/block-loop.ts';
import { startDelaySource } from './delay-source.ts';
import { DelayWindow } from './delay-window.ts';
import { TurnSampler } from './turn-sampler.ts';

const started: DelayWindow[] = [];
afterEach(() => {
  for (const window of started.splice(0)) window.stop();
});

function startWindow(...args: ConstructorParameters<typeof DelayWindow>): DelayWindow {
  const window = new DelayWindow(...args);
  window.start();
  started.push(window);
  return window;
}

/** A window over a histogram into which this test writes. */
function startByHand() {
  const histogram = createHistogram();
  let stops = 0;
  const window = startWindow(() => ({ histogram, stop: () => (stops += 1) }));
  const record = (...delaysMs: readonly number[]): void => {
    for (const delayMs of delaysMs) histogram.record(delayMs * 1e6);
  };
  return { window, record, stops: () => stops };
}

describe('DelayWindow', () => {
  it('knows nothing before the first turn', () => {
    const { window } = startByHand();
    expect(window.read()).toBeNull();
    expect(window.readBlockedMs()).toBe(0);
    const never = new DelayWindow(() => ({ histogram: createHistogram(), stop() {} }));
    expect(never.read()).toBeNull();
    expect(never.readBlockedMs()).toBeNull();
  });

  it('looks back over the last window and the one that runs', () => {
    const { window, record } = startByHand();
    record(2, 3, 900);
    expect(window.read()?.maxMs).toBeCloseTo(900, -1);
    window.rotate();
    record(1, 5);
    expect(window.read()?.minMs).toBeCloseTo(1, 2);
    expect(window.read()?.p50Ms).toBeCloseTo(3, 1);
    expect(window.read()?.maxMs).toBeCloseTo(900, -1);
    window.rotate();
    expect(window.read()?.maxMs).toBeCloseTo(5, 1);
    expect(window.read()?.p99Ms).toBeCloseTo(5, 1);
    window.rotate();
    expect(window.read()).toBeNull();
  });

  it('sums blocked time over all windows, once each, however often it is read', () => {
    const { window, record } = startByHand();
    record(1, 150);
    expect(window.readBlockedMs()).toBeCloseTo(100, 0);
    window.rotate();
    expect(window.readBlockedMs()).toBeCloseTo(100, 0);
    record(60, 70);
    expect(window.readBlockedMs()).toBeCloseTo(130, 0);
    window.rotate();
    window.rotate();
    expect(window.readBlockedMs()).toBeCloseTo(130, 0);
  });

  it('keeps the sum over an end and a new start, and forgets the delays', () => {
    const { window, record, stops } = startByHand();
    record(150);
    window.stop();
    window.stop();
    expect(stops()).toBe(1);
    expect(window.read()).toBeNull();
    expect(window.readBlockedMs()).toBeCloseTo(100, 0);
    window.start();
    window.start();
    record(100);
    expect(window.readBlockedMs()).toBeCloseTo(150, 0);
  });

  it('never lets the sum fall, also where it is an estimate', () => {
    const { window, record } = startByHand();
    record(...Array<number>(33).fill(1000), ...Array<number>(31).fill(51));
    const exactMs = window.readBlockedMs() ?? 0;
    expect(exactMs).toBeCloseTo(33 * 950 + 31, -2);
    // Of 65, the estimate leaves out the 33rd: 65 / 64 * (32 * 950 + 32) is less.
    record(51);
    expect(window.readBlockedMs()).toBe(exactMs);
    window.rotate();
    expect(window.readBlockedMs()).toBe(exactMs);
    record(1050);
    expect(window.readBlockedMs()).toBeGreaterThan(exactMs);
  });
});

/** What the block really took, as the machine may stop us. */
function blockMs(ms: number): number {
  const beganMs = performance.now();
  blockLoop(ms);
  return performance.now() - beganMs;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await nextTurn();
}

/** Does something to the window, and tells how the sum grew and what bounds that, in ms. */
async function grow(window: DelayWindow, work: () => number) {
  const beganMs = performance.now();
  await settle();
  const before = window.readBlockedMs() ?? 0;
  const blockedMs = work();
  await settle();
  // A block counts once and whole: not less than it took, and not more than all the time that went by.
  const atMostMs = (performance.now() - beganMs) * 1.002 - 50;
  return { grownMs: (window.readBlockedMs() ?? 0) - before, atLeastMs: blockedMs - 50 - 0.5, atMostMs };
}

describe.each([
  ['what this Node offers', () => startDelaySource(process.version)],
  ['turns', () => new TurnSampler()],
])('DelayWindow by %s', (_name, startSource) => {
  it('counts the block of the turn that it was started in', async () => {
    const beganMs = performance.now();
    const window = startWindow(startSource);
    const tookMs = blockMs(300);
    await settle();
    expect(window.readBlockedMs()).toBeGreaterThan(tookMs - 50.5);
    expect(window.readBlockedMs()).toBeLessThan((performance.now() - beganMs) * 1.002 - 50);
    expect(window.read()?.maxMs).toBeGreaterThan(tookMs - 0.5);
  });

  it.each([
    ['right after a window', (window: DelayWindow) => window.rotate()],
    ['right after a reading', (window: DelayWindow) => [window.read(), window.readBlockedMs()]],
  ])('counts a block %s once and whole', async (_when, event) => {
    const window = startWindow(startSource);
    const { grownMs, atLeastMs, atMostMs } = await grow(window, () => {
      event(window);
      return blockMs(300);
    });
    expect(grownMs).toBeGreaterThan(atLeastMs);
    expect(grownMs).toBeLessThan(atMostMs);
    expect(window.read()?.maxMs).toBeGreaterThan(atLeastMs + 50);
  });

  it('counts a block once and whole in the middle of which a window ends', async () => {
    const window = startWindow(startSource);
    const { grownMs, atLeastMs, atMostMs } = await grow(window, () => {
      const firstMs = blockMs(100);
      window.rotate();
      return firstMs + blockMs(100);
    });
    expect(grownMs).toBeGreaterThan(atLeastMs);
    expect(grownMs).toBeLessThan(atMostMs);
  });
});
