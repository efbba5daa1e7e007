import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLearnedCosts, summarizeCosts, type SnapshotCost } from './learned-costs.ts';

const MIB = 2 ** 20;
let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-learned-'));
  path = join(directory, 'costs.json');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function cost(changes: Partial<SnapshotCost> = {}): SnapshotCost {
  return {
    heapUsedBytes: 10 * MIB,
    rssGrowthBytes: 50 * MIB,
    stallMs: 400,
    fileBytes: 15 * MIB,
    nodeVersion: '24.1.0',
    at: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

it('takes the worst ratio of each cost, whatever snapshot it is from', () => {
  const costs = [
    cost({ stallMs: 900 }),
    cost({ heapUsedBytes: 100 * MIB, rssGrowthBytes: 700 * MIB, stallMs: 5_000, fileBytes: 120 * MIB }),
  ];
  expect(summarizeCosts(costs, '24.9.1')).toEqual({
    captureCount: 2,
    headroomRatio: 7,
    pauseMsPerMib: 90,
    fileRatio: 1.5,
  });
});

it('counts neither another Node major nor a tiny heap', () => {
  const costs = [cost({ nodeVersion: '22.23.3' }), cost({ heapUsedBytes: 8 * MIB - 1 })];
  expect(summarizeCosts(costs, '24.1.0')).toBeNull();
  expect(summarizeCosts([cost({ heapUsedBytes: 8 * MIB })], 'v24.1.0')?.captureCount).toBe(1);
});

it('keeps the last eight, over a restart and for its owner alone', () => {
  for (let stallMs = 1; stallMs <= 10; stallMs += 1)
    createLearnedCosts(path, '24.1.0').learn(cost({ stallMs }));
  const kept = JSON.parse(readFileSync(path, 'utf8')) as SnapshotCost[];
  expect(kept.map(({ stallMs }) => stallMs)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect(createLearnedCosts(path, '24.1.0').read()).toMatchObject({ captureCount: 8, pauseMsPerMib: 1 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it.each([
  ['is missing', null],
  ['is cut short', '[{"heapUsedBytes":'],
  ['is of another shape', '{"a":1}'],
  ['holds broken entries alone', '[null, 3, {"heapUsedBytes": -1}]'],
])('knows nothing from a file that %s, and learns again', (_name, text) => {
  if (text !== null) writeFileSync(path, text);
  const learned = createLearnedCosts(path, '24.1.0');
  expect(learned.read()).toBeNull();
  learned.learn(cost());
  expect(learned.read()).toEqual({ captureCount: 1, headroomRatio: 5, pauseMsPerMib: 40, fileRatio: 1.5 });
});

it('loses a broken entry without the whole ones beside it', () => {
  writeFileSync(path, JSON.stringify([{ broken: true }, cost()]));
  expect(createLearnedCosts(path, '24.1.0').read()?.captureCount).toBe(1);
});
