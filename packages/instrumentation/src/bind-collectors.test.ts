import type { Attributes } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import {
  ALL_METRICS,
  METRIC_GC_COUNT,
  METRIC_GC_PAUSE_TIME,
  METRIC_HEAP_USED,
  METRIC_V8JS_GC_DURATION,
} from '@heapfloor/contract/metrics';
import { bindCollectors } from './bind-collectors.ts';
import type { Collector, RecordValue } from './collectors/collector.ts';
import { createProvider, histogramOf, kindOf, valueOf } from './testing/read-metrics.ts';

/** A collector that says what it is given; `record` is what it is connected to. */
function createCollector(
  points: readonly (readonly [string, number, Attributes?])[],
  names?: readonly string[],
) {
  const connected: { record: RecordValue | null } = { record: null };
  const collector: Collector = {
    metricNames: names ?? points.map(([name]) => name),
    start() {},
    stop() {},
    connect: (record) => void (connected.record = record),
    observe: (observe) => points.forEach((point) => observe(...point)),
  };
  return { collector, connected };
}

function bind(collectors: readonly Collector[], attributes?: Attributes) {
  const { provider, readers } = createProvider();
  const unbind = bindCollectors(provider.getMeter('test'), collectors, attributes);
  return { unbind, read: async () => (await readers[0]?.read()) ?? new Map<string, never>() };
}

describe('bindCollectors', () => {
  it('makes each declared metric the instrument that it is declared to be', async () => {
    const observed = ALL_METRICS.map(({ name }) => [name, 1] as const);
    const { collector, connected } = createCollector(observed);
    const { read } = bind([collector]);
    for (const { name } of ALL_METRICS) connected.record?.(name, 1);
    const seen = await read();
    const made = [...seen.values()].map((metric) => {
      const { name, unit, description } = metric.descriptor;
      return { name, unit, description, instrument: kindOf(metric) };
    });
    expect(new Set(made)).toEqual(
      new Set(
        ALL_METRICS.map(({ name, unit, description, instrument }) => ({
          name,
          unit,
          description,
          instrument,
        })),
      ),
    );
  });

  it('takes over the boundaries of a histogram', async () => {
    const { collector, connected } = createCollector([], [METRIC_V8JS_GC_DURATION]);
    const { read } = bind([collector]);
    connected.record?.(METRIC_V8JS_GC_DURATION, 0.03, { 'v8js.gc.type': 'major' });
    const { boundaries } = ALL_METRICS.find(({ name }) => name === METRIC_V8JS_GC_DURATION) ?? {};
    const histogram = histogramOf((await read()).get(METRIC_V8JS_GC_DURATION), 'major');
    expect(histogram?.buckets.boundaries).toEqual(boundaries);
    expect(histogram?.buckets.counts[3]).toBe(1);
  });

  it('adds the attributes to every point, and makes one object of each pair', async () => {
    const own = { 'v8js.gc.type': 'major' };
    const { collector, connected } = createCollector(
      [
        [METRIC_HEAP_USED, 5],
        [METRIC_GC_COUNT, 7, own],
      ],
      [METRIC_HEAP_USED, METRIC_GC_COUNT, METRIC_V8JS_GC_DURATION],
    );
    const { read } = bind([collector], { 'heapfloor.isolate': 'worker-2' });
    connected.record?.(METRIC_V8JS_GC_DURATION, 1, own);
    const isolate = { 'heapfloor.isolate': 'worker-2' };
    for (const seen of [await read(), await read()]) {
      expect(seen.get(METRIC_HEAP_USED)?.dataPoints[0]?.attributes).toEqual(isolate);
      expect(seen.get(METRIC_GC_COUNT)?.dataPoints[0]?.attributes).toEqual({ ...own, ...isolate });
      expect(seen.get(METRIC_V8JS_GC_DURATION)?.dataPoints[0]?.attributes).toEqual({ ...own, ...isolate });
    }
  });

  it('drops what is no finite number, observed or recorded, and what nobody declared', async () => {
    const wrong = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const { collector, connected } = createCollector(
      [...wrong.map((value) => [METRIC_GC_PAUSE_TIME, value] as const), ['heapfloor.no.such', 1]],
      [METRIC_GC_PAUSE_TIME, METRIC_V8JS_GC_DURATION],
    );
    const { read } = bind([collector]);
    for (const value of wrong) connected.record?.(METRIC_V8JS_GC_DURATION, value);
    expect((await read()).size).toBe(0);
  });

  it('does not let one collector that fails cost the others', async () => {
    const broken = createCollector([[METRIC_GC_COUNT, 1]]);
    const failing: Collector = {
      ...broken.collector,
      observe() {
        throw new Error('ours');
      },
    };
    const { collector } = createCollector([[METRIC_HEAP_USED, 5]]);
    const seen = await bind([failing, collector]).read();
    expect(valueOf(seen.get(METRIC_HEAP_USED))).toBe(5);
    expect(seen.has(METRIC_GC_COUNT)).toBe(false);
  });

  it('disconnects everything when it is unbound, and only then', async () => {
    let reads = 0;
    const { collector, connected } = createCollector([], [METRIC_HEAP_USED, METRIC_V8JS_GC_DURATION]);
    const { read, unbind } = bind([{ ...collector, observe: () => void (reads += 1) }]);
    await read();
    expect([reads, connected.record === null]).toEqual([1, false]);
    unbind();
    unbind();
    await read();
    expect([reads, connected.record === null]).toEqual([1, true]);
  });
});
