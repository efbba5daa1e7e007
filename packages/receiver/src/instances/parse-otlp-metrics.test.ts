import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildExport, buildReading, NUMBERS, RESOURCE } from './otlp.fixture.ts';
import { parseOtlpMetrics } from './parse-otlp-metrics.ts';

const NOW = new Date(NUMBERS.atMs + 100);

interface Export {
  readonly resourceMetrics: readonly { readonly scopeMetrics: unknown[] }[];
}

describe('parseOtlpMetrics', () => {
  it('reads the numbers of one process', () => {
    expect(parseOtlpMetrics(buildExport(), NOW)).toEqual({
      readings: [buildReading()],
      rejectedCount: 0,
      rejectedReason: null,
    });
  });

  it('names the job as Prometheus does', () => {
    const resource = { ...RESOURCE, 'service.namespace': 'eu' };
    expect(parseOtlpMetrics(buildExport({}, resource), NOW).readings[0]?.job).toBe('eu/shop');
  });

  it('counts what it cannot attribute to an instance', () => {
    const { readings, rejectedCount, rejectedReason } = parseOtlpMetrics(
      buildExport({}, { 'service.name': 'shop' }),
      NOW,
    );
    expect(readings).toEqual([]);
    expect(rejectedCount).toBe(9);
    expect(rejectedReason).toContain('service.instance.id');
  });

  it('lets a real export of another instrumentation pass without a word', () => {
    const real: unknown = JSON.parse(
      readFileSync(new URL('payloads/runtime-node-0.37.json', import.meta.url), 'utf8'),
    );
    expect(parseOtlpMetrics(real, NOW)).toEqual({ readings: [], rejectedCount: 0, rejectedReason: null });
  });

  it('does not lose its own numbers to a stranger’s odd metric', () => {
    const body = buildExport() as { resourceMetrics: { scopeMetrics: { metrics: unknown[] }[] }[] };
    body.resourceMetrics[0]?.scopeMetrics.unshift({
      metrics: [{ name: 7 }, { name: 'x', exponentialHistogram: {} }, null],
    });
    expect(parseOtlpMetrics(body, NOW).readings).toEqual([buildReading()]);
  });

  it.each([[null], [[]], [{ resourceMetrics: 1 }], [{ resourceMetrics: [{ scopeMetrics: 1 }] }]])(
    'refuses %j',
    (body) => {
      expect(() => parseOtlpMetrics(body, NOW)).toThrow(
        expect.objectContaining({ code: 'RECEIVER_PAYLOAD_INVALID' }) as Error,
      );
    },
  );

  it('tells the heap of a worker from that of the main thread, also in one resource', () => {
    const text = JSON.stringify(buildExport({ floorBytes: 300, streak: 0 }));
    const isolate = { key: 'heapfloor.isolate', value: { stringValue: 'worker-2' } };
    const ofWorker = JSON.parse(
      text
        .replaceAll('"dataPoints":[{"attributes":[', `$&${JSON.stringify(isolate)},`)
        .replaceAll('},]', '}]'),
    ) as Export;
    const both = buildExport() as unknown as Export;
    both.resourceMetrics[0]?.scopeMetrics.push(...(ofWorker.resourceMetrics[0]?.scopeMetrics ?? []));
    const found = parseOtlpMetrics(both, NOW).readings.map(({ instance, floorBytes }) => [
      instance,
      floorBytes,
    ]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['shop-1', 800],
        ['shop-1-worker-2', 300],
      ]),
    );
  });

  it('takes an empty export', () => {
    expect(parseOtlpMetrics({}, NOW).readings).toEqual([]);
  });
});
