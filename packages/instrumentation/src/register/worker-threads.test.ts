import { afterEach, describe, expect, it } from 'vitest';
import {
  ATTR_V8JS_GC_TYPE,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_FLOOR_UTILIZATION,
  METRIC_GC_COUNT,
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
  METRIC_PROCESS_MEMORY_USAGE,
  METRIC_V8JS_GC_DURATION,
} from '@heapfloor/contract/metrics';
import { sinkValue, type OtlpSink, type SinkExport } from '../testing/otlp-sink.ts';
import { createPool, endOf, REQUIRE_ARGS } from '../testing/register-run.ts';
import { waitForOutput } from '../testing/run-node.ts';

const pool = createPool();
afterEach(() => pool.close());

const MIB = 1024 * 1024;
const INTERVAL_MS = 200;

function idOf({ resource }: SinkExport): string {
  return String(resource['service.instance.id']);
}

function idsIn(sink: OtlpSink): string[] {
  return [...new Set(sink.exports.map(idOf))].toSorted();
}

function isMain(one: SinkExport): boolean {
  return idOf(one) === 'shop';
}

function envOf(sink: OtlpSink, intervalMs = INTERVAL_MS): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: String(intervalMs),
    OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=shop,k8s.pod.name=p',
  };
}

/** An export of an isolate that knows its floor. */
function withFloor(sink: OtlpSink, threadName: string): Promise<SinkExport> {
  return sink.waitFor(
    (one) => one.resource['thread.name'] === threadName && sinkValue(one, METRIC_HEAP_FLOOR) !== undefined,
  );
}

describe('worker threads in register mode', () => {
  it('are isolates of their own: floor, limit and instance', async () => {
    const sink = await pool.startSink();
    pool.start(['register-two-workers.ts'], envOf(sink));
    const [small, large, inner] = await Promise.all([
      withFloor(sink, 'small'),
      withFloor(sink, 'large'),
      withFloor(sink, 'inner'),
    ]);
    const main = await sink.waitFor((one) => idOf(one) === 'shop');
    const floorMib = (one: SinkExport): number => (sinkValue(one, METRIC_HEAP_FLOOR) ?? 0) / MIB;
    expect(floorMib(inner)).toBeGreaterThan(1);
    expect(floorMib(small)).toBeGreaterThan(floorMib(inner) + 3);
    expect(floorMib(large)).toBeGreaterThan(floorMib(small) + 14);
    const limits = [small, large, inner].map((one) =>
      sinkValue(one, METRIC_HEAP_OLD_LIMIT, 'worker_resource_limits'),
    );
    expect(limits).toEqual([64 * MIB, 128 * MIB, 32 * MIB]);
    expect(sinkValue(small, METRIC_FLOOR_UTILIZATION)).toBeCloseTo(floorMib(small) / 64, 6);
    expect(new Set([small, large, inner].map(idOf))).toEqual(
      new Set(['shop-worker-1', 'shop-worker-2', 'shop-worker-3']),
    );
    const { 'service.instance.id': _, ...shared } = main.resource;
    expect(small.resource).toMatchObject(shared);
    expect(shared).not.toHaveProperty('thread.name');
  });

  it('post what goes into histograms', async () => {
    const sink = await pool.startSink();
    pool.start(['register-two-workers.ts'], { ...envOf(sink), HEAPFLOOR_METRIC_DETAILS: 'gc' });
    const small = await withFloor(sink, 'small');
    const majors = small.metrics
      .get(METRIC_V8JS_GC_DURATION)
      ?.points.find(({ attributes }) => attributes[ATTR_V8JS_GC_TYPE] === 'major');
    const count = (majors?.bucketCounts ?? []).reduce((sum, one) => sum + one, 0);
    expect(count).toBeGreaterThan(0);
    expect(count).toBe(sinkValue(small, METRIC_GC_COUNT, 'major'));
  });

  it('export nothing that is of the whole process, and ages that go on', async () => {
    const sink = await pool.startSink();
    pool.start(['register-two-workers.ts'], envOf(sink));
    const small = await withFloor(sink, 'small');
    const main = await sink.waitFor((one) => idOf(one) === 'shop');
    expect(sinkValue(main, METRIC_PROCESS_MEMORY_USAGE)).toBeGreaterThan(10 * MIB);
    expect(small.metrics.has(METRIC_PROCESS_MEMORY_USAGE)).toBe(false);
    // A major GC each 60 ms, and the way to us.
    expect(sinkValue(small, METRIC_GC_LAST_MAJOR_AGE)).toBeGreaterThan(0);
    expect(sinkValue(small, METRIC_GC_LAST_MAJOR_AGE)).toBeLessThan(5);
  });

  it('end their series when they are terminated, which takes no longer', async () => {
    const sink = await pool.startSink();
    const run = pool.start(['register-two-workers.ts'], envOf(sink));
    await withFloor(sink, 'small');
    run.child.stdin?.write('terminate\n');
    const [, tookMs] = await waitForOutput(run, 'stdout', /terminated=(\d+)/);
    expect(Number(tookMs)).toBeLessThan(1000);
    const before = sink.exports.length;
    // What was posted before the end may still come, once.
    await sink.waitFor((one) => sink.exports.lastIndexOf(one) > before + 12 && idOf(one) === 'shop');
    // By name: the instance is free for the next worker.
    const after = sink.exports.slice(before).filter((one) => one.resource['thread.name'] === 'small');
    expect(after.length).toBeLessThanOrEqual(1);
    run.child.stdin?.write('end\n');
    expect((await endOf(run)).exitCode).toBe(0);
  });

  it('have no value while they are blocked, rather than an old one', async () => {
    const sink = await pool.startSink();
    pool.start(['register-blocking-worker.ts'], envOf(sink));
    const ofWorker = await sink.waitFor((one) => one.resource['thread.name'] === 'blocked');
    const atMs = (one: SinkExport): number => sink.exports.indexOf(one);
    // It lives for 5 intervals, of which it posts in 3; the main thread shows that 20 have gone.
    await sink.waitFor((one) => isMain(one) && sink.exports.slice(0, atMs(one)).filter(isMain).length >= 20);
    const posted = sink.exports.filter((one) => idOf(one) === idOf(ofWorker));
    expect(posted.length).toBeLessThanOrEqual(4);
    expect(atMs(posted.at(-1) ?? ofWorker)).toBeLessThan(16);
  });

  it('are flushed on a breach, long before the next interval', async () => {
    const sink = await pool.startSink();
    const run = pool.start(['register-leaking-worker.ts'], envOf(sink, 3_600_000));
    const breached = await sink.waitFor(
      (one) => (sinkValue(one, METRIC_FLOOR_BREACH_STREAK, 'warning') ?? 0) >= 2,
    );
    expect(idOf(breached)).toBe('shop-worker-1');
    expect(sinkValue(breached, METRIC_HEAP_OLD_LIMIT)).toBe(64 * MIB);
    expect(sinkValue(breached, METRIC_FLOOR_UTILIZATION)).toBeGreaterThan(0.75);
    run.child.kill('SIGTERM');
    expect((await endOf(run)).exitCode).toBe(0);
  });

  it('share a few instances, however many there are in a row, and end when they want to', async () => {
    const sink = await pool.startSink();
    const run = pool.start(['register-worker-pool.ts', '40'], envOf(sink, 100));
    const { stdout, exitCode } = await endOf(run);
    expect(exitCode).toBe(0);
    expect(Number(/late=(\d+)/.exec(stdout)?.[1])).toBeLessThan(1000);
    expect(sink.exports.filter((one) => !isMain(one)).length).toBeGreaterThanOrEqual(40);
    // Four at a time, and one whose end we may not have seen.
    const allowed = ['shop', ...[1, 2, 3, 4, 5].map((slot) => `shop-worker-${slot}`)];
    expect(idsIn(sink).filter((id) => !allowed.includes(id))).toEqual([]);
  }, 90_000);

  it('give their instance back when they end, long before they are found to be silent', async () => {
    const sink = await pool.startSink();
    const run = pool.start(['register-worker-pool.ts', '12'], envOf(sink, 400));
    expect((await endOf(run)).exitCode).toBe(0);
    expect(sink.exports.filter((one) => !isMain(one)).length).toBeGreaterThanOrEqual(12);
    expect(idsIn(sink).length).toBeLessThanOrEqual(6);
  });

  it('are left alone where the main thread has no register mode', async () => {
    const sink = await pool.startSink();
    const run = pool.start(['register-worker-pool.ts', '4', '350'], {
      ...envOf(sink, 100),
      OTEL_SDK_DISABLED: 'true',
    });
    expect((await endOf(run)).exitCode).toBe(0);
    expect(sink.exports).toEqual([]);
  });

  it('are watched, too, where they are started behind --require, before we stand', async () => {
    const sink = await pool.startSink();
    const run = pool.start(['register-worker-pool.ts', '4', '2500'], envOf(sink, 100), REQUIRE_ARGS);
    await sink.waitFor((one) => idOf(one) === 'shop-worker-1');
    expect((await endOf(run)).exitCode).toBe(0);
  });
});
