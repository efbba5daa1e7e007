import { describe, expect, it } from 'vitest';
import { matchTargets, type Target } from './target.ts';

function target(instance: string, match: Readonly<Record<string, string>>): Target {
  return { instance, service: 'shop', version: null, address: 'unix:/run/shop.sock', match };
}

const LABELS = { alertname: 'NodejsHeapFloorHigh', job: 'shop', instance: 'shop-1' };

describe('matchTargets', () => {
  it('selects a target by all of its labels', () => {
    const [one, other] = [target('shop-1', { instance: 'shop-1' }), target('shop-2', { instance: 'shop-2' })];
    expect(matchTargets([one, other], LABELS)).toEqual([one]);
    expect(matchTargets([target('shop-1', { instance: 'shop-1', job: 'cart' })], LABELS)).toEqual([]);
  });

  it('selects none for the heap of a worker, unless a target names it', () => {
    const labels = { ...LABELS, heapfloor_isolate: 'worker-2' };
    const main = target('shop-1', { instance: 'shop-1' });
    const worker = target('shop-1-w2', { instance: 'shop-1', heapfloor_isolate: 'worker-2' });
    expect(matchTargets([main], labels)).toEqual([]);
    expect(matchTargets([main, worker], labels)).toEqual([worker]);
    expect(matchTargets([main, worker], LABELS)).toEqual([main]);
  });
});
