import { metrics, type MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import {
  ALL_METRICS,
  METER_NAME,
  METRIC_GC_COUNT,
  METRIC_HEAP_ALLOCATED,
  METRIC_MEMORY_CGROUP_AVAILABLE,
  METRIC_MEMORY_CGROUP_LIMIT,
  METRIC_PROCESS_FILE_DESCRIPTOR_COUNT,
  METRIC_RESOURCE_TOTAL,
  type MetricSet,
} from '@heapfloor/contract/metrics';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HeapfloorInstrumentation } from './instrumentation.ts';
import { InstrumentationOptionsError } from './errors.ts';
import { forceObservedMajorGc } from './testing/force-gc.ts';
import { createProvider, kindOf, valueOf, type PullReader } from './testing/read-metrics.ts';

const POLL = { timeout: 10_000, interval: 20 };
const created: HeapfloorInstrumentation[] = [];
afterEach(() => {
  for (const instrumentation of created.splice(0)) instrumentation.disable();
  metrics.disable();
  vi.useRealTimers();
});

function create(...args: ConstructorParameters<typeof HeapfloorInstrumentation>): HeapfloorInstrumentation {
  const instrumentation = new HeapfloorInstrumentation(...args);
  created.push(instrumentation);
  return instrumentation;
}

async function majorCount(reader: PullReader | undefined): Promise<number | undefined> {
  return valueOf((await reader?.read())?.get(METRIC_GC_COUNT), 'major');
}

/** Names that a reader sees after major GCs: two, as the first may be read too late and then arms the profiler. */
async function namesIn(reader: PullReader | undefined): Promise<string[]> {
  await forceObservedMajorGc();
  await forceObservedMajorGc();
  const names = [...((await reader?.read()) ?? new Map<string, never>()).keys()];
  return names.filter((name) => !SOMETIMES.has(name)).toSorted();
}

/** Not on every Node, not without a container, or not in the first second. */
const SOMETIMES: ReadonlySet<string> = new Set([
  METRIC_HEAP_ALLOCATED,
  METRIC_MEMORY_CGROUP_AVAILABLE,
  METRIC_MEMORY_CGROUP_LIMIT,
  METRIC_PROCESS_FILE_DESCRIPTOR_COUNT,
  METRIC_RESOURCE_TOTAL,
]);

function namesOf(...sets: readonly MetricSet[]): string[] {
  const wanted = ALL_METRICS.filter(
    ({ set, name }) => !SOMETIMES.has(name) && sets.some((one) => [set].flat().includes(one)),
  );
  return wanted.map(({ name }) => name).toSorted();
}

const OWN_NAMES = namesOf('always');

describe('HeapfloorInstrumentation', () => {
  it('says who it is', () => {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    const { name, version } = JSON.parse(manifest) as { name: string; version: string };
    const instrumentation = create();
    expect([instrumentation.instrumentationName, name]).toEqual([METER_NAME, METER_NAME]);
    expect(instrumentation.instrumentationVersion).toBe(version);
    expect(instrumentation.getConfig()).toEqual({ enabled: true });
  });

  it('exports our own namespace and nothing else by default', async () => {
    const { provider, readers } = createProvider();
    create().setMeterProvider(provider);
    expect(await namesIn(readers[0])).toEqual(OWN_NAMES);
  });

  it('exports each metric with the unit, the kind, the attributes and the description of the contract', async () => {
    const { provider, readers } = createProvider();
    create({ semconv: 'all', details: 'all', windowSeconds: 1 }).setMeterProvider(provider);
    // Growth needs four floors; resources are counted within a second.
    for (let count = 0; count < 5; count += 1) await forceObservedMajorGc();
    await expect.poll(async () => (await readers[0]?.read())?.has(METRIC_RESOURCE_TOTAL), POLL).toBe(true);
    const seen = (await readers[0]?.read()) ?? new Map<string, never>();
    const sets = [
      'always',
      'process',
      'eventloop',
      'resources',
      'growth',
      'eventloop-all',
      'gc',
      'heap-spaces-all',
      'lag',
    ] as const;
    expect([...seen.keys()].filter((name) => !SOMETIMES.has(name)).toSorted()).toEqual(namesOf(...sets));
    for (const declaration of ALL_METRICS) {
      const metric = seen.get(declaration.name);
      if (metric === undefined) continue;
      expect(metric.descriptor).toMatchObject({
        name: declaration.name,
        unit: declaration.unit,
        description: declaration.description,
      });
      expect(kindOf(metric)).toBe(declaration.instrument);
      for (const point of metric.dataPoints) {
        expect(Object.keys(point.attributes)).toEqual(declaration.attributes);
      }
    }
  });

  it('watches an isolate once, however many copies there are; the next one takes over', async () => {
    const { provider, readers } = createProvider();
    const other = createProvider();
    const first = create();
    first.setMeterProvider(provider);
    create().setMeterProvider(other.provider);
    expect(await namesIn(readers[0])).toEqual(OWN_NAMES);
    expect(await namesIn(other.readers[0])).toEqual([]);
    first.disable();
    expect(await namesIn(other.readers[0])).toEqual(OWN_NAMES);
  });

  it('tells several readers the same, whoever reads first', async () => {
    const { provider, readers } = createProvider(2);
    create().setMeterProvider(provider);
    await forceObservedMajorGc();
    const first = await majorCount(readers[0]);
    expect(first).toBe(1);
    expect(await majorCount(readers[1])).toBe(first);
    expect(await majorCount(readers[0])).toBe(first);
  });

  it('can be turned off and on again, in any order, and keeps its totals', async () => {
    const { provider, readers } = createProvider();
    const instrumentation = create({ enabled: false });
    instrumentation.disable();
    instrumentation.setMeterProvider(provider);
    expect(await namesIn(readers[0])).toEqual([]);
    instrumentation.enable();
    instrumentation.enable();
    await forceObservedMajorGc();
    expect(await majorCount(readers[0])).toBe(1);
    instrumentation.disable();
    instrumentation.disable();
    await forceObservedMajorGc();
    instrumentation.enable();
    await forceObservedMajorGc();
    expect(await majorCount(readers[0])).toBe(2);
  });

  it('moves to another MeterProvider, without a second callback in the first', async () => {
    const before = createProvider();
    const after = createProvider();
    const instrumentation = create();
    instrumentation.setMeterProvider(before.provider);
    instrumentation.setMeterProvider(after.provider);
    instrumentation.setMeterProvider(after.provider);
    expect(await namesIn(before.readers[0])).toEqual([]);
    expect(await namesIn(after.readers[0])).toEqual(OWN_NAMES);
    expect((await after.readers[0]?.read())?.get(METRIC_GC_COUNT)?.dataPoints.length).toBeLessThanOrEqual(4);
  });

  it('finds a global MeterProvider that is registered later', async () => {
    create();
    const { provider, readers } = createProvider();
    metrics.setGlobalMeterProvider(provider);
    await expect.poll(async () => (await readers[0]?.read())?.size, POLL).toBeGreaterThan(0);
    expect(await namesIn(readers[0])).toEqual(OWN_NAMES);
  });

  it('takes a global MeterProvider that is there at once, and leaves it when it is turned off', async () => {
    const { provider, readers } = createProvider();
    metrics.setGlobalMeterProvider(provider);
    const instrumentation = create();
    instrumentation.disable();
    expect(await namesIn(readers[0])).toEqual([]);
  });

  it('starts afresh with other options', async () => {
    const { provider, readers } = createProvider();
    const instrumentation = create();
    instrumentation.setMeterProvider(provider);
    instrumentation.setConfig({ semconv: ['process'] });
    expect(await namesIn(readers[0])).toEqual(namesOf('always', 'process'));
    expect(instrumentation.getConfig()).toEqual({ enabled: true, semconv: ['process'] });
  });

  it('refuses wrong options at the start and keeps the old ones later', () => {
    const wrong = { semconv: 'some' } as unknown as { semconv: 'all' };
    expect(() => create(wrong)).toThrow(InstrumentationOptionsError);
    const instrumentation = create({ windowSeconds: 15 });
    expect(() => instrumentation.setConfig(wrong)).toThrow(InstrumentationOptionsError);
    expect(instrumentation.getConfig()).toEqual({ enabled: true, windowSeconds: 15 });
  });

  it('takes a MeterProvider that does nothing, and any tracer provider', () => {
    const noop: ApiMeterProvider = metrics.getMeterProvider();
    const instrumentation = create();
    expect(() => instrumentation.setMeterProvider(noop)).not.toThrow();
    expect(() => instrumentation.setTracerProvider(null)).not.toThrow();
  });
});
