import { createRequire, syncBuiltinESMExports } from 'node:module';
import { performance, PerformanceObserver } from 'node:perf_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  ALL_METRICS,
  METRIC_DETAILS,
  METRIC_EVENTLOOP_BLOCKED_TIME,
  METRIC_FLOOR_UTILIZATION,
  METRIC_GC_COUNT,
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
  METRIC_HEAP_USED,
  METRIC_MEMORY_CGROUP_AVAILABLE,
  METRIC_MEMORY_EXTERNAL,
  METRIC_PROCESS_CPU_TIME,
  METRIC_PROCESS_UPTIME,
  METRIC_RESOURCE_TOTAL,
  METRIC_V8JS_GC_DURATION,
  SEMCONV_FAMILIES,
} from '@heapfloor/contract/metrics';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { bindCollectors } from './bind-collectors.ts';
import { createSampler, type Sampler } from './create-sampler.ts';
import type { InstrumentationOptions } from './options.ts';
import { forceObservedMajorGc } from './testing/force-gc.ts';
import { createProvider, histogramOf, valueOf } from './testing/read-metrics.ts';

const EVERYTHING: InstrumentationOptions = {
  enabled: true,
  families: SEMCONV_FAMILIES,
  details: METRIC_DETAILS.filter((detail) => detail !== 'heap-spaces'),
  windowMs: 20,
  exactFloor: true,
  flushOnBreach: false,
};
const POLL = { timeout: 10_000, interval: 20 };

const cleanUps: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0).toReversed()) cleanUp();
});

function start(options = EVERYTHING, isMainThread = true) {
  const { provider, readers } = createProvider();
  const sampler: Sampler = createSampler(options, () => {}, isMainThread);
  cleanUps.push(() => sampler.stop());
  bindCollectors(provider.getMeter('test'), sampler.collectors);
  sampler.start();
  const read = async (): Promise<ReadonlyMap<string, MetricData>> => (await readers[0]?.read()) ?? new Map();
  return { sampler, read };
}

/** Replaces a member of a built-in module, or of the process, as a sandbox or a test would. */
function stub(owner: object, name: string, value: unknown): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { ...descriptor, value, configurable: true });
  syncBuiltinESMExports();
  cleanUps.push(() => {
    if (descriptor === undefined) delete (owner as Record<string, unknown>)[name];
    else Object.defineProperty(owner, name, descriptor);
    syncBuiltinESMExports();
  });
}

const builtIn = createRequire(import.meta.url) as (id: string) => object;
const refuse = (): never => {
  throw new Error('refused');
};

/** Every number of every point, of histograms too. */
function numbersOf(seen: ReadonlyMap<string, MetricData>): Map<string, readonly number[]> {
  return new Map(
    [...seen].map(([name, { dataPoints }]) => [
      name,
      dataPoints.flatMap(({ value }) => {
        if (typeof value === 'number') return [value];
        const { min = 0, max = 0, sum = 0 } = value;
        return [min, max, sum];
      }),
    ]),
  );
}

/** No NaN, no infinity, nothing below zero but the growth of the floor. */
function isSound(name: string, value: number): boolean {
  return Number.isFinite(value) && (value >= 0 || name.endsWith('.growth'));
}

function expectSound(seen: ReadonlyMap<string, MetricData>): void {
  const unsound = [...numbersOf(seen)].filter(([name, values]) => !values.every((one) => isSound(name, one)));
  expect(unsound).toEqual([]);
}

describe('createSampler', () => {
  it('offers every declared metric that is not of register mode, and no other', () => {
    const names = start().sampler.collectors.flatMap(({ metricNames }) => metricNames);
    const declared = ALL_METRICS.filter(({ set }) => set !== 'register').map(({ name }) => name);
    expect(names.toSorted()).toEqual(declared.toSorted());
  });

  it('starts only what exports something', () => {
    const { collectors } = createSampler({ ...EVERYTHING, families: [], details: [] }, () => {});
    expect(collectors.every(({ metricNames }) => metricNames.length > 0)).toBe(true);
    expect(collectors.flatMap(({ metricNames }) => metricNames)).not.toContain('heapfloor.eventloop.lag');
  });

  it('exports in a worker what is of its isolate, and nothing of the process', async () => {
    const { read } = start(EVERYTHING, false);
    await forceObservedMajorGc();
    await expect.poll(async () => (await read()).has(METRIC_RESOURCE_TOTAL), POLL).toBe(true);
    const names = [...(await read()).keys()];
    expect(names).toContain(METRIC_HEAP_USED);
    expect(names.filter((name) => /^process\.|cgroup|capture/.test(name))).toEqual([]);
  });

  it('feeds floor, growth and durations from the same garbage collections', async () => {
    const { read, sampler } = start();
    for (let count = 0; count < 5; count += 1) await forceObservedMajorGc();
    const seen = await read();
    expect(valueOf(seen.get(METRIC_HEAP_FLOOR))).toBeGreaterThan(0);
    const majors = valueOf(seen.get(METRIC_GC_COUNT), 'major') ?? 0;
    expect(majors).toBeGreaterThanOrEqual(5);
    expect(histogramOf(seen.get(METRIC_V8JS_GC_DURATION), 'major')?.count).toBe(majors);
    expect(seen.has('heapfloor.heap.floor.growth')).toBe(true);
    expectSound(seen);
    sampler.stop();
    sampler.stop();
    await forceObservedMajorGc();
    expect(valueOf((await read()).get(METRIC_GC_COUNT), 'major')).toBe(majors);
    sampler.start();
    await forceObservedMajorGc();
    expect(valueOf((await read()).get(METRIC_GC_COUNT), 'major')).toBe(majors + 1);
  });

  it('keeps nothing alive and leaves no timer behind', () => {
    const before = process.getActiveResourcesInfo();
    const { sampler } = start();
    expect(process.getActiveResourcesInfo()).toEqual(before);
    sampler.stop();
    expect(process.getActiveResourcesInfo()).toEqual(before);
  });
});

/** Each refusal, what it costs, and what it must not cost. */
const REFUSALS: readonly (readonly [what: string, refusal: () => void, lost: readonly string[]])[] = [
  [
    'process.memoryUsage throws',
    () => stub(process, 'memoryUsage', refuse),
    [METRIC_MEMORY_EXTERNAL, 'heapfloor.memory.array_buffers', 'process.memory.usage'],
  ],
  [
    'v8.getHeapStatistics throws',
    () => stub(builtIn('node:v8'), 'getHeapStatistics', refuse),
    ALL_METRICS.filter(({ name }) =>
      /^heapfloor.*\.(heap\.(limit|used|total|allocated|context.*)|malloced)$/.test(name),
    ).map(({ name }) => name),
  ],
  [
    'v8.getHeapSpaceStatistics is not there',
    () => stub(builtIn('node:v8'), 'getHeapSpaceStatistics', undefined),
    [
      METRIC_HEAP_FLOOR,
      METRIC_FLOOR_UTILIZATION,
      METRIC_GC_LAST_MAJOR_AGE,
      'v8js.memory.heap.used',
      'v8js.memory.heap.space.size',
    ],
  ],
  [
    'process.getActiveResourcesInfo is not there',
    () => stub(process, 'getActiveResourcesInfo', undefined),
    [METRIC_RESOURCE_TOTAL, 'v8js.resource.active'],
  ],
  [
    'process.availableMemory is not there',
    () => stub(process, 'availableMemory', undefined),
    [METRIC_MEMORY_CGROUP_AVAILABLE],
  ],
  ['process.uptime throws', () => stub(process, 'uptime', refuse), [METRIC_PROCESS_UPTIME]],
  ['process.cpuUsage throws', () => stub(process, 'cpuUsage', refuse), [METRIC_PROCESS_CPU_TIME]],
  [
    'monitorEventLoopDelay and createHistogram throw',
    () => {
      stub(builtIn('node:perf_hooks'), 'monitorEventLoopDelay', refuse);
      stub(builtIn('node:perf_hooks'), 'createHistogram', refuse);
    },
    ALL_METRICS.filter(({ name }) => /eventloop\.(blocked|delay)/.test(name)).map(({ name }) => name),
  ],
  [
    'performance.eventLoopUtilization is not there',
    () => stub(performance, 'eventLoopUtilization', undefined),
    ['nodejs.eventloop.utilization', 'nodejs.eventloop.time'],
  ],
  [
    'fs.statSync throws',
    () => stub(builtIn('node:fs'), 'statSync', refuse),
    ['process.unix.file_descriptor.count'],
  ],
];

describe('createSampler where something is refused', () => {
  it.each(REFUSALS)('%s: loses only that', async (_what, refusal, lost) => {
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(64 * 1024 * 1024);
    vi.spyOn(process, 'availableMemory').mockReturnValue(32 * 1024 * 1024);
    const whole = start();
    const namesOf = async ({ read }: Pick<typeof whole, 'read'>): Promise<string[]> => {
      for (let count = 0; count < 2; count += 1) await forceObservedMajorGc();
      return [...(await read()).keys()].filter((name) => !/growth|lag$/.test(name)).toSorted();
    };
    // Windows are over: what is counted once per window is there.
    await expect.poll(async () => (await whole.read()).has(METRIC_RESOURCE_TOTAL), POLL).toBe(true);
    const all = await namesOf(whole);
    whole.sampler.stop();
    refusal();
    const less = start();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const left = await namesOf(less);
    expectSound(await less.read());
    expect(all.filter((name) => !left.includes(name))).toEqual(all.filter((name) => lost.includes(name)));
  });

  it('exports nothing of garbage collections where there are no gc entries', async () => {
    vi.spyOn(PerformanceObserver.prototype, 'observe').mockImplementation(refuse);
    const { read } = start();
    const seen = await read();
    expect(seen.has(METRIC_GC_COUNT)).toBe(false);
    expect(seen.has(METRIC_HEAP_FLOOR)).toBe(false);
    expect(seen.has(METRIC_HEAP_OLD_LIMIT)).toBe(true);
    expect(seen.has(METRIC_HEAP_USED)).toBe(true);
  });
});

describe('createSampler under a false clock', () => {
  it.each([
    ['stands still', () => 1000],
    ['goes back', (call: number) => 1_000_000 - call * 1000],
    ['says nothing', () => Number.NaN],
  ])('that %s, exports only sound values', async (_what, nowMs) => {
    vi.resetModules();
    let calls = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs((calls += 1)));
    const fresh = await import('./create-sampler.ts');
    const sampler = fresh.createSampler({ ...EVERYTHING, windowMs: 20 }, () => {});
    cleanUps.push(() => sampler.stop());
    const { provider, readers } = createProvider();
    bindCollectors(provider.getMeter('test'), sampler.collectors);
    sampler.start();
    for (let count = 0; count < 5; count += 1) await forceObservedMajorGc();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const seen = (await readers[0]?.read()) ?? new Map<string, never>();
    expect(seen.has(METRIC_HEAP_USED)).toBe(true);
    expect(seen.has(METRIC_GC_COUNT)).toBe(true);
    expectSound(seen);
  });

  it('goes on where fake timers come after it', async () => {
    const { read } = start({ ...EVERYTHING, windowMs: 20 });
    vi.useFakeTimers();
    vi.advanceTimersByTime(1000);
    expect((await read()).has(METRIC_RESOURCE_TOTAL)).toBe(false);
    vi.useRealTimers();
    await expect.poll(async () => (await read()).has(METRIC_RESOURCE_TOTAL), POLL).toBe(true);
    expectSound(await read());
  });

  it('exports what needs no timer where fake timers came before it', async () => {
    vi.useFakeTimers();
    vi.resetModules();
    const fresh = await import('./create-sampler.ts');
    const sampler = fresh.createSampler(EVERYTHING, () => {});
    cleanUps.push(() => sampler.stop());
    const { provider, readers } = createProvider();
    bindCollectors(provider.getMeter('test'), sampler.collectors);
    sampler.start();
    vi.advanceTimersByTime(3_600_000);
    const seen = (await readers[0]?.read()) ?? new Map<string, never>();
    expect(seen.has(METRIC_HEAP_USED)).toBe(true);
    expect(seen.has(METRIC_EVENTLOOP_BLOCKED_TIME)).toBe(true);
    expectSound(seen);
  });
});
