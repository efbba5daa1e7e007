import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWindowTimer } from './window-timer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Fake timers replace only the global functions. */
function create(windowMs: number, onWindow: () => void) {
  return createWindowTimer(windowMs, onWindow, { setTimeout, clearTimeout });
}

describe('createWindowTimer', () => {
  it('ends the first window after a second and all others after their time', () => {
    let windows = 0;
    const timer = create(10_000, () => (windows += 1));
    timer.start();
    timer.start();
    vi.advanceTimersByTime(999);
    expect(windows).toBe(0);
    vi.advanceTimersByTime(1);
    expect(windows).toBe(1);
    vi.advanceTimersByTime(20_000);
    expect(windows).toBe(3);
    timer.stop();
    timer.stop();
    vi.advanceTimersByTime(100_000);
    expect(windows).toBe(3);
    timer.start();
    vi.advanceTimersByTime(1000);
    expect(windows).toBe(4);
    timer.stop();
  });

  it('goes on after an error and never keeps the process alive', () => {
    let windows = 0;
    const timer = create(500, () => {
      windows += 1;
      throw new Error('ours');
    });
    timer.start();
    vi.advanceTimersByTime(1500);
    expect(windows).toBe(3);
    timer.stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    const before = process.getActiveResourcesInfo();
    const real = createWindowTimer(500, () => {});
    real.start();
    expect(process.getActiveResourcesInfo()).toEqual(before);
    real.stop();
  });
});
