import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { realClock } from './real-clock.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('realClock', () => {
  it('goes on under fake timers, and is not moved by them', async () => {
    vi.useFakeTimers();
    const beganMs = realClock.nowMs();
    let rang = 0;
    const interval = realClock.setInterval(() => (rang += 1), 3_600_000);
    vi.advanceTimersByTime(7_200_000);
    expect(rang).toBe(0);
    await new Promise((resolve) => realClock.setTimeout(resolve, 5));
    realClock.clearInterval(interval);
    const tookMs = realClock.nowMs() - beganMs;
    expect(tookMs).toBeGreaterThanOrEqual(4);
    expect(tookMs).toBeLessThan(10_000);
  });

  it('does not stop where the clock of the process is stubbed', () => {
    vi.spyOn(performance, 'now').mockReturnValue(0);
    expect(performance.now()).toBe(0);
    expect(realClock.nowMs()).toBeGreaterThan(0);
  });
});
