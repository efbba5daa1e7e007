import { getHeapSpaceStatistics } from 'node:v8';
import { describe, expect, it } from 'vitest';
import {
  METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE,
  METRIC_V8JS_MEMORY_HEAP_USED,
} from '@heapfloor/contract/metrics';
import { attributeValuesOf, readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createHeapSpacesCollector } from './heap-spaces.ts';

const MIB = 1024 * 1024;
const NAMES = [METRIC_V8JS_MEMORY_HEAP_USED, METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE];

describe('createHeapSpacesCollector', () => {
  it('exports every space under the name that V8 gives it', async () => {
    const metrics = await readCollectors([createHeapSpacesCollector({ isFolded: false })]);
    const spaces = getHeapSpaceStatistics();
    for (const name of NAMES) {
      expect(attributeValuesOf(metrics.get(name))).toEqual(spaces.map(({ space_name }) => space_name));
    }
    const code = spaces.find(({ space_name }) => space_name === 'code_space');
    const codeBytes = valueOf(metrics.get(METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE), 'code_space') ?? 0;
    expect(Math.abs(codeBytes - (code?.space_size ?? 0))).toBeLessThan(MIB);
  });

  it('folds all but three spaces into one, and loses nothing', async () => {
    const collector = createHeapSpacesCollector({ isFolded: true });
    await readCollectors([collector]);
    const metrics = await readCollectors([collector]);
    const spaces = getHeapSpaceStatistics();
    for (const [name, key] of [
      [METRIC_V8JS_MEMORY_HEAP_USED, 'space_used_size'],
      [METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE, 'space_size'],
    ] as const) {
      const folded = metrics.get(name);
      expect(attributeValuesOf(folded).toSorted()).toEqual([
        'large_object_space',
        'new_space',
        'old_space',
        'other',
      ]);
      const bytes = ['old_space', 'new_space', 'large_object_space', 'other'].map(
        (space) => valueOf(folded, space) ?? 0,
      );
      const sum = bytes.reduce((a, b) => a + b, 0);
      const expected = spaces.reduce((a, space) => a + space[key], 0);
      expect(Math.abs(sum - expected)).toBeLessThan(2 * MIB);
      const old = spaces.find(({ space_name }) => space_name === 'old_space')?.[key] ?? 0;
      expect(Math.abs((valueOf(folded, 'old_space') ?? 0) - old)).toBeLessThan(MIB);
    }
  });
});
