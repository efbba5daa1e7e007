import { describe, expect, it } from 'vitest';
import { METRIC_V8JS_GC_DURATION } from '@heapfloor/contract/metrics';
import { bindCollectors } from '../bind-collectors.ts';
import { createProvider, histogramOf } from '../testing/read-metrics.ts';
import { createGcDurationCollector } from './gc-duration.ts';

describe('createGcDurationCollector', () => {
  it('records each entry by its type while it is connected', async () => {
    const { provider, readers } = createProvider();
    const collector = createGcDurationCollector();
    collector.add([{ type: 'major', endMs: 0, durationMs: 900 }]);
    const unbind = bindCollectors(provider.getMeter('test'), [collector]);
    collector.add([
      { type: 'minor', endMs: 0, durationMs: 1 },
      { type: 'major', endMs: 0, durationMs: 30 },
      { type: 'minor', endMs: 0, durationMs: 7 },
      { type: 'weakcb', endMs: 0, durationMs: Number.NaN },
    ]);
    unbind();
    collector.add([{ type: 'major', endMs: 0, durationMs: 900 }]);
    const metric = (await readers[0]?.read())?.get(METRIC_V8JS_GC_DURATION);
    const minor = histogramOf(metric, 'minor');
    expect(minor?.count).toBe(2);
    expect(minor?.sum).toBeCloseTo(0.008, 9);
    expect(minor?.buckets.boundaries.slice(0, 3)).toEqual([0.005, 0.01, 0.025]);
    expect(minor?.buckets.counts.slice(0, 3)).toEqual([1, 1, 0]);
    expect(histogramOf(metric, 'major')).toMatchObject({ count: 1, max: 0.03 });
    expect(histogramOf(metric, 'weakcb')).toMatchObject({ count: 1, max: 0 });
  });
});
