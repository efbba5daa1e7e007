import { describe, expect, it } from 'vitest';
import { ALL_METRICS, METRIC_DETAILS, OWN_METRICS, SEMCONV_FAMILIES } from '@heapfloor/contract/metrics';
import { selectMetrics } from './select-metrics.ts';

const NOTHING = { families: [], details: [] };
const EVERYTHING = { families: SEMCONV_FAMILIES, details: METRIC_DETAILS };

/** What options add to the default. */
function added(options: Partial<Parameters<typeof selectMetrics>[0]>): string[] {
  const byDefault = selectMetrics(NOTHING, true);
  return [...selectMetrics({ ...NOTHING, ...options }, true)].filter((name) => !byDefault.has(name));
}

describe('selectMetrics', () => {
  it('takes our own namespace, without details, by default', () => {
    const expected = OWN_METRICS.filter(({ set }) => set === 'always' || set === 'control');
    expect([...selectMetrics(NOTHING, true)]).toEqual(expected.map(({ name }) => name));
  });

  it('takes everything but what register mode adds when everything is asked for', () => {
    const expected = ALL_METRICS.filter(({ set }) => set !== 'register');
    expect([...selectMetrics(EVERYTHING, true)]).toEqual(expected.map(({ name }) => name));
  });

  it('takes a family or a detail alone', () => {
    expect(added({ families: ['resources'] })).toEqual(['v8js.resource.active']);
    expect(added({ details: ['growth', 'eventloop-all'] })).toEqual([
      'heapfloor.heap.floor.growth',
      'nodejs.eventloop.delay.min',
      'nodejs.eventloop.time',
    ]);
    expect(added({ details: ['heap-spaces'] })).toEqual(added({ details: ['heap-spaces-all'] }));
  });

  it('leaves what is of the whole process to the main thread', () => {
    const inWorker = selectMetrics(EVERYTHING, false);
    const left = [...selectMetrics(EVERYTHING, true)].filter((name) => !inWorker.has(name));
    expect(left.toSorted()).toEqual([
      'heapfloor.capture.count',
      'heapfloor.capture.duration',
      'heapfloor.capture.state',
      'heapfloor.memory.cgroup.available',
      'heapfloor.memory.cgroup.limit',
      'process.cpu.time',
      'process.memory.usage',
      'process.unix.file_descriptor.count',
      'process.uptime',
    ]);
  });
});
