import { performance } from 'node:perf_hooks';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type * as v8 from 'node:v8';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { METRIC_RESOURCE_TOTAL, SEMCONV_FAMILIES } from '@heapfloor/contract/metrics';
import { EXPORTED_TYPES } from './register/export-health.ts';
import { bindCollectors } from './bind-collectors.ts';
import { createSampler } from './create-sampler.ts';
import type { GcEntry, GcListener } from './floor/gc-observer.ts';
import { createProvider } from './testing/read-metrics.ts';

/** What OTLP and Prometheus take without a second thought; `@opentelemetry/instrumentation-runtime-node` has 117. */
const MAX_SERIES = 45;

const listeners = vi.hoisted(() => [] as GcListener[]);
vi.mock('./floor/gc-observer.ts', () => ({
  GcObserver: class {
    constructor(listener: GcListener) {
      listeners.push(listener);
    }
    start(): void {}
    stop(): void {}
  },
}));

afterAll(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

/** Everything this machine, this Node or a short test may not have. */
function bringEverything(): void {
  const heap = createRequire(import.meta.url)('node:v8') as typeof v8;
  const statistics = heap.getHeapStatistics();
  const all = { ...statistics, total_allocated_bytes: 9 };
  vi.spyOn(heap, 'getHeapStatistics').mockReturnValue(all);
  syncBuiltinESMExports();
  vi.spyOn(process, 'constrainedMemory').mockReturnValue(64 * 1024 * 1024);
  vi.spyOn(process, 'availableMemory').mockReturnValue(1024);
  const types = [
    'Timeout',
    'TCPSocketWrap',
    'TCPServerWrap',
    ...Array.from({ length: 30 }, (_, i) => `Type${i}`),
  ];
  vi.spyOn(process, 'getActiveResourcesInfo').mockReturnValue(types.flatMap((type) => Array(20).fill(type)));
}

function collectGarbage(): void {
  const nowMs = performance.now();
  const types = ['minor', 'incremental', 'weakcb', 'major'] as const;
  const entries = types.map((type): GcEntry => ({ type, endMs: nowMs, durationMs: 1 }));
  for (const listener of listeners) listener(entries, nowMs);
}

describe('the series of one isolate', () => {
  it('are at most 45 with all families, whatever happens', async () => {
    bringEverything();
    const { provider, readers } = createProvider();
    const options = { families: SEMCONV_FAMILIES, details: [], windowMs: 20 };
    const sampler = createSampler(
      { enabled: true, exactFloor: true, flushOnBreach: false, ...options },
      () => {},
      true,
    );
    bindCollectors(provider.getMeter('test'), sampler.collectors);
    sampler.start();
    collectGarbage();
    const read = async () => (await readers[0]?.read()) ?? new Map<string, never>();
    await expect.poll(async () => (await read()).has(METRIC_RESOURCE_TOTAL), { timeout: 10_000 }).toBe(true);
    const seen = await read();
    sampler.stop();
    const series = [...seen.values()].reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
    // Register mode adds its failures.
    expect(series + EXPORTED_TYPES.length).toBe(MAX_SERIES);
  });
});
