import { describe, expect, it } from 'vitest';
import { createLease, LEASE_CAP_MS, predictLeaseMs } from './lease.ts';
import { createMainLoop } from './main-loop.ts';

/** Time passes without a timer; what is measured is `performance.now()`. */
function pass(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('the main loop', () => {
  it('is asked nothing until somebody wants to know', () => {
    const questions: number[] = [];
    const loop = createMainLoop((question) => void questions.push(question));
    pass(20);
    expect(loop.silentMs()).toBe(0);
    expect(questions).toEqual([]);
  });

  it('has one open question, however many ask, and none right after an answer', () => {
    const questions: number[] = [];
    const loop = createMainLoop((question) => void questions.push(question));
    for (let count = 0; count < 1_000; count += 1) loop.ask();
    expect(questions).toEqual([1]);
    loop.onTurn(1);
    for (let count = 0; count < 1_000; count += 1) loop.ask();
    expect(questions).toEqual([1]);
    pass(110);
    loop.ask();
    expect(questions).toEqual([1, 2]);
  });

  it('is silent from the question to its answer', () => {
    const loop = createMainLoop(() => {});
    loop.ask();
    pass(30);
    expect(loop.silentMs()).toBeGreaterThanOrEqual(29);
    loop.onTurn(1);
    expect(loop.silentMs()).toBe(0);
  });

  it('has turned after a call only when it answers that question, not an older one', async () => {
    const loop = createMainLoop(() => {});
    loop.ask();
    let hasTurned = false;
    const turned = loop.untilTurn(new AbortController().signal).then(() => {
      hasTurned = true;
    });
    loop.onTurn(1);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(hasTurned).toBe(false);
    loop.onTurn(2);
    await turned;
    expect(loop.silentMs()).toBe(0);
  });

  it('gives the reason of the signal where it does not turn', async () => {
    const loop = createMainLoop(() => {});
    const controller = new AbortController();
    const turned = loop.untilTurn(controller.signal);
    controller.abort(new Error('enough'));
    await expect(turned).rejects.toThrow('enough');
    await expect(loop.untilTurn(controller.signal)).rejects.toThrow('enough');
  });
});

describe('a lease', () => {
  it('is twice the predicted pause, ten minutes at most', () => {
    expect(predictLeaseMs(1_500)).toBe(3_000);
    expect(predictLeaseMs(3_600_000)).toBe(600_000);
    const lease = createLease(createMainLoop(() => {}));
    lease.begin(3_600_000);
    expect(lease.remainingMs()).toBeLessThanOrEqual(LEASE_CAP_MS);
    expect(lease.remainingMs()).toBeGreaterThan(LEASE_CAP_MS - 1_000);
  });

  it('runs out by itself, and ends', () => {
    const lease = createLease(createMainLoop(() => {}));
    expect(lease.remainingMs()).toBe(0);
    lease.begin(20);
    expect(lease.remainingMs()).toBeGreaterThan(10);
    pass(25);
    expect(lease.remainingMs()).toBe(0);
    lease.begin(1_000);
    lease.end();
    expect(lease.remainingMs()).toBe(0);
  });

  it.each([
    ['asked within it', 0],
    ['asked before it', 40],
  ])('takes its pause off the silence of a question that was %s', (_name, beforeMs) => {
    const loop = createMainLoop(() => {});
    const lease = createLease(loop);
    if (beforeMs > 0) {
      loop.ask();
      pass(beforeMs);
    }
    lease.begin(1_000);
    loop.ask();
    pass(60);
    lease.end();
    expect(loop.silentMs()).toBeGreaterThanOrEqual(Math.max(0, beforeMs - 1));
    expect(loop.silentMs()).toBeLessThan(beforeMs + 25);
  });

  it('hides no silence after it ran out, until the pause ends', () => {
    const loop = createMainLoop(() => {});
    const lease = createLease(loop);
    lease.begin(10);
    loop.ask();
    pass(60);
    expect(lease.remainingMs()).toBe(0);
    expect(loop.silentMs()).toBeGreaterThanOrEqual(59);
  });
});
