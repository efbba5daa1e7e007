import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBreachFlush } from './breach-flush.ts';

beforeEach(() => void vi.useFakeTimers());

/** Ours does not move with fake timers. */
const FAKED = {
  clock: {
    nowMs: () => Date.now(),
    setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
  },
};

afterEach(() => void vi.useRealTimers());

/** A flush that ends when it is told to. */
function controlledFlush() {
  const pending: (() => void)[] = [];
  const flush = vi.fn<() => Promise<void>>(() => new Promise((resolve) => pending.push(resolve)));
  return { flush, finishOne: () => pending.shift()?.() };
}

describe('createBreachFlush', () => {
  it('flushes at once', () => {
    const { flush } = controlledFlush();
    createBreachFlush(flush)();
    expect(flush).toHaveBeenCalledTimes(1);
  });

  it('never overlaps, and makes one more for all requests that came meanwhile', async () => {
    const { flush, finishOne } = controlledFlush();
    const request = createBreachFlush(flush, { ...FAKED, quickCount: 0 });
    request();
    request();
    request();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(flush).toHaveBeenCalledTimes(1);
    finishOne();
    await vi.advanceTimersByTimeAsync(999);
    expect(flush).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(flush).toHaveBeenCalledTimes(2);
    finishOne();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(flush).toHaveBeenCalledTimes(2);
  });

  it('has no gap between the first flushes of a breach, and again after a minute of quiet', async () => {
    const { flush, finishOne } = controlledFlush();
    const request = createBreachFlush(flush, FAKED);
    const requestAndFinish = async (): Promise<void> => {
      request();
      finishOne();
      await vi.advanceTimersByTimeAsync(0);
    };
    for (let count = 0; count < 9; count += 1) await requestAndFinish();
    expect(flush).toHaveBeenCalledTimes(5);
    await vi.advanceTimersByTimeAsync(1000);
    expect(flush).toHaveBeenCalledTimes(6);
    finishOne();
    await vi.advanceTimersByTimeAsync(60_000);
    for (let count = 0; count < 9; count += 1) await requestAndFinish();
    expect(flush).toHaveBeenCalledTimes(11);
  });

  it('goes on after a flush that failed', async () => {
    const flush = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('collector down')));
    const request = createBreachFlush(flush, { ...FAKED, quickCount: 0 });
    request();
    await vi.advanceTimersByTimeAsync(1000);
    request();
    expect(flush).toHaveBeenCalledTimes(2);
  });
});
