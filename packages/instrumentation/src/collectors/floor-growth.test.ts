import { describe, expect, it } from 'vitest';
import { METRIC_FLOOR_GROWTH } from '@heapfloor/contract/metrics';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createFloorGrowthCollector } from './floor-growth.ts';

async function growthAfter(...floors: readonly (readonly [seconds: number, bytes: number])[]) {
  const collector = createFloorGrowthCollector();
  for (const [seconds, bytes] of floors) collector.add({ bytes, endMs: seconds * 1000 });
  return valueOf((await readCollectors([collector])).get(METRIC_FLOOR_GROWTH));
}

describe('createFloorGrowthCollector', () => {
  it('exports bytes per second from the fourth floor on', async () => {
    expect(await growthAfter([0, 100], [10, 150], [20, 200])).toBeUndefined();
    expect(await growthAfter([0, 100], [10, 150], [20, 200], [40, 300])).toBe(5);
    expect(await growthAfter([0, 300], [10, 250], [20, 200], [40, 100])).toBe(-5);
  });

  it('looks back on 16 floors', async () => {
    const flat = Array.from({ length: 16 }, (_, index) => [index, 1000] as const);
    const rising = Array.from({ length: 16 }, (_, index) => [16 + index, 1000 + 7 * index] as const);
    expect(await growthAfter(...flat, ...rising)).toBeCloseTo(7, 9);
    expect(await growthAfter(...flat, ...rising.slice(0, 2))).toBe(0);
  });

  it('exports the growth of now after each new floor', async () => {
    const collector = createFloorGrowthCollector();
    for (const seconds of [0, 1, 2, 3]) collector.add({ bytes: 100, endMs: seconds * 1000 });
    await readCollectors([collector]);
    for (const seconds of [4, 5, 6, 7, 8, 9]) collector.add({ bytes: 100 * seconds, endMs: seconds * 1000 });
    expect(valueOf((await readCollectors([collector])).get(METRIC_FLOOR_GROWTH))).toBe(100);
  });

  it('exports nothing where all floors are of one moment', async () => {
    expect(await growthAfter([1, 1], [1, 2], [1, 3], [1, 4])).toBeUndefined();
  });
});
