import type { Attributes } from '@opentelemetry/api';
import { getHeapSpaceStatistics } from 'node:v8';
import {
  ATTR_V8JS_HEAP_SPACE_NAME,
  METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE,
  METRIC_V8JS_MEMORY_HEAP_USED,
} from '@heapfloor/contract/metrics';
import type { Collector } from './collector.ts';

/** V8's own names, with V8's own meaning; all other spaces are added up. */
const FOLDED_NAMES: readonly string[] = ['old_space', 'new_space', 'large_object_space'];
const OTHER_NAME = 'other';

interface Space {
  readonly attributes: Attributes;
  usedBytes: number;
  sizeBytes: number;
}

/** Heap by space. Every space: 11 to 13, two series each; folded: 4. */
export function createHeapSpacesCollector(options: { readonly isFolded: boolean }): Collector {
  const nameOf = (name: string): string =>
    options.isFolded && !FOLDED_NAMES.includes(name) ? OTHER_NAME : name;
  const spaces = new Map<string, Space>();
  const read = (): void => {
    for (const space of spaces.values()) {
      space.usedBytes = 0;
      space.sizeBytes = 0;
    }
    for (const { space_name, space_used_size, space_size } of getHeapSpaceStatistics()) {
      const space = spaceOf(spaces, nameOf(space_name));
      space.usedBytes += space_used_size;
      space.sizeBytes += space_size;
    }
  };
  return {
    metricNames: [METRIC_V8JS_MEMORY_HEAP_USED, METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE],
    start() {},
    stop() {},
    observe(observe) {
      read();
      for (const { attributes, usedBytes, sizeBytes } of spaces.values()) {
        observe(METRIC_V8JS_MEMORY_HEAP_USED, usedBytes, attributes);
        observe(METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE, sizeBytes, attributes);
      }
    },
  };
}

function spaceOf(spaces: Map<string, Space>, name: string): Space {
  const known = spaces.get(name);
  if (known !== undefined) return known;
  const space: Space = { attributes: { [ATTR_V8JS_HEAP_SPACE_NAME]: name }, usedBytes: 0, sizeBytes: 0 };
  spaces.set(name, space);
  return space;
}
