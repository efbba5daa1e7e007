import { describe, expect, it } from 'vitest';
import { createBackOff, nextBackOff } from './back-off.ts';

describe('nextBackOff', () => {
  it('doubles up to 16 while the work takes more than 5 ms, and forgets it at once', () => {
    expect([1, 2, 8, 16].map((everyNth) => nextBackOff(everyNth, 5.1))).toEqual([2, 4, 16, 16]);
    expect(nextBackOff(16, 5)).toBe(1);
  });
});

describe('createBackOff', () => {
  it('works each time while that is quick, and half as often after each slow time', () => {
    let clockMs = 0;
    let tookMs = 1;
    const rounds: number[] = [];
    const backOff = createBackOff(() => clockMs);
    for (let round = 1; round <= 20; round += 1) {
      if (round === 3) tookMs = 6;
      backOff(() => {
        rounds.push(round);
        clockMs += tookMs;
      });
    }
    expect(rounds).toEqual([1, 2, 3, 5, 9, 17]);
  });

  it('counts the time of work that throws', () => {
    let clockMs = 0;
    let calls = 0;
    const backOff = createBackOff(() => clockMs);
    const fail = (): never => {
      calls += 1;
      clockMs += 6;
      throw new Error('no such thing');
    };
    expect(() => backOff(fail)).toThrow('no such thing');
    expect(() => backOff(fail)).not.toThrow();
    expect(calls).toBe(1);
  });
});
