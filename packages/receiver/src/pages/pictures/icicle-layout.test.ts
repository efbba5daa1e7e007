import type { AllocationSite } from '@heapfloor/contract';
import { expect, test } from 'vitest';
import { allocationSuspect, suspectName } from '../findings/allocation-suspect.ts';
import { buildAllocations } from '../leak-report.fixture.ts';
import { layoutIcicle } from './icicle-layout.ts';

function site(
  functionName: string,
  selfSizeBytes: number,
  differs: Partial<AllocationSite> = {},
): AllocationSite {
  return {
    functionName,
    source: `${functionName}.js:1`,
    selfSizeBytes,
    totalSizeBytes: selfSizeBytes,
    stack: [functionName],
    ...differs,
  };
}

const brief = (report: Parameters<typeof layoutIcicle>[0]): (string | number | boolean)[][] =>
  layoutIcicle(report).map(({ name, depth, x, width, isHot }) => [name, depth, x, width, isHot]);

test('a caller is as wide as what it calls, the largest first', () => {
  const sites = [
    site('small', 25, { stack: ['(root)', 'main', 'small'] }),
    site('large', 50, { stack: ['(root)', 'main', 'large'] }),
    site('timer', 25, { stack: ['(root)', 'timer'] }),
  ];
  expect(brief({ totalSizeBytes: 100, sites })).toEqual([
    ['all allocations still alive', 0, 0, 1, false],
    ['main', 1, 0, 0.75, true],
    ['large', 2, 0, 0.5, true],
    ['small', 2, 0.5, 0.25, false],
    ['timer', 1, 0.75, 0.25, false],
  ]);
});

test('a caller that only hands on gives way to its callee', () => {
  const sites = [site('leaf', 100, { stack: ['a', 'b', 'c', 'leaf'] })];
  expect(brief({ totalSizeBytes: 100, sites }).map(([name]) => name)).toEqual([
    'all allocations still alive',
    'leaf',
  ]);
});

test('a frame shows its source, from the stack or from a site of its own', () => {
  const sites = [
    site('set', 60, { source: null, stack: ['add (shop.js:3)', 'set'] }),
    site('add', 40, { source: 'shop.js:3', stack: ['add (shop.js:3)'] }),
  ];
  expect(layoutIcicle({ totalSizeBytes: 100, sites }).map(({ name, source }) => [name, source])).toEqual([
    ['all allocations still alive', null],
    ['add', 'shop.js:3'],
    ['set', null],
  ]);
});

test('a stack of ten thousand frames is no problem', () => {
  const stack = Array.from({ length: 10_000 }, (_, index) => `f${index}`);
  const forked = [
    site('a', 60, { stack: [...stack, 'a'] }),
    site('b', 40, { stack: [...stack.slice(0, 5000), 'b'] }),
  ];
  expect(layoutIcicle({ totalSizeBytes: 100, sites: forked }).length).toBeLessThan(10);
});

test('a profile points at the nearest own code above a built-in', () => {
  expect(allocationSuspect(buildAllocations())?.functionName).toBe('memoKey');
});

test('a profile points at a caller that allocates nothing itself', () => {
  const sites = [
    site('stringify', 60, {
      source: null,
      stack: ['(anonymous) (shop.js:1)', 'handle (shop.js:5)', 'stringify'],
    }),
    site('set', 20, { source: null, stack: ['(anonymous) (shop.js:1)', 'handle (shop.js:5)', 'set'] }),
    site('other', 20, { stack: ['(anonymous) (shop.js:1)', 'other (other.js:1)'] }),
  ];
  expect(allocationSuspect({ totalSizeBytes: 100, sites })).toEqual({
    functionName: 'handle',
    source: 'shop.js:5',
    totalSizeBytes: 80,
    site: null,
  });
});

test('a function without a name goes by its place', () => {
  const suspect = allocationSuspect({
    totalSizeBytes: 4,
    sites: [site('(anonymous)', 4, { source: 'shop.js:1' })],
  });
  expect(suspect && suspectName(suspect)).toBe('shop.js:1');
});

test('a profile points at its top site where that is own code', () => {
  expect(allocationSuspect({ totalSizeBytes: 10, sites: [site('a', 4), site('b', 6)] })?.functionName).toBe(
    'b',
  );
});

test('a profile of built-ins alone points at the largest', () => {
  const sites = [site('parse', 4, { source: null }), site('emit', 2, { source: 'node:events:513' })];
  expect(allocationSuspect({ totalSizeBytes: 6, sites })?.functionName).toBe('parse');
  expect(allocationSuspect(null)).toBeNull();
});
