import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { claimIsolate } from './isolate-claim.ts';

const releases: (() => void)[] = [];
afterEach(() => {
  for (const release of releases.splice(0)) release();
});

function claim(onGranted: () => void): () => void {
  const release = claimIsolate(onGranted);
  releases.push(release);
  return release;
}

describe('claimIsolate', () => {
  it('grants the first at once, and the next one when the first lets go', () => {
    const [first, second, third] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()];
    const releaseFirst = claim(first);
    const releaseSecond = claim(second);
    claim(third);
    expect([first, second, third].map((granted) => granted.mock.calls.length)).toEqual([1, 0, 0]);
    releaseSecond();
    expect(third).not.toHaveBeenCalled();
    releaseFirst();
    expect([first, second, third].map((granted) => granted.mock.calls.length)).toEqual([1, 0, 1]);
  });

  it('is shared with other copies of the module', async () => {
    vi.resetModules();
    const copy = await import('./isolate-claim.ts');
    expect(copy.claimIsolate).not.toBe(claimIsolate);
    const [ours, theirs] = [vi.fn<() => void>(), vi.fn<() => void>()];
    const release = claim(ours);
    releases.push(copy.claimIsolate(theirs));
    expect(theirs).not.toHaveBeenCalled();
    release();
    expect(theirs).toHaveBeenCalledTimes(1);
  });

  it('has exactly one holder after any sequence of claims and releases', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), (steps) => {
        const held = new Map<number, () => void>();
        const holders = new Set<number>();
        for (const who of steps) {
          const release = held.get(who);
          if (release === undefined) {
            held.set(
              who,
              claimIsolate(() => void holders.add(who)),
            );
          } else {
            held.delete(who);
            holders.delete(who);
            release();
          }
          expect(holders.size).toBe(held.size === 0 ? 0 : 1);
        }
        for (const release of held.values()) release();
      }),
    );
  });
});
