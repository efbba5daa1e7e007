import { afterEach, describe, expect, it } from 'vitest';
import {
  METRIC_EVENTLOOP_LAG,
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_HEAP_USED,
} from '@heapfloor/contract/metrics';
import { sinkValue, startOtlpSink, type OtlpSink, type SinkExport } from '../testing/otlp-sink.ts';
import { createExport } from './create-export.ts';
import { loadExporter } from './create-exporter.ts';
import { readExportEnv } from './read-register-env.ts';
import { WorkerExports } from './worker-exports.ts';
import { isWorkerPosting, type WorkerPosting } from './worker-posting.ts';

const INTERVAL_MS = 1000;

const sinks: OtlpSink[] = [];
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close();
});

function posting(threadId: number, more: Partial<WorkerPosting> = {}): WorkerPosting {
  return {
    threadId,
    threadName: '',
    sentMs: 0,
    isUrgent: false,
    metricNames: [METRIC_HEAP_USED, METRIC_GC_LAST_MAJOR_AGE, METRIC_EVENTLOOP_LAG],
    observations: [[METRIC_HEAP_USED, threadId * 1000]],
    records: [],
    ...more,
  };
}

/** Exports of workers into a real sink, by a clock that stands still. */
async function create() {
  const sink = await startOtlpSink();
  sinks.push(sink);
  const { settings } = readExportEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint });
  if (settings === null) throw new Error('no settings');
  const createExporter = await loadExporter(settings, {});
  const clock = { ms: 0 };
  const ended = new Set<number>();
  const workers = new WorkerExports({
    intervalMs: INTERVAL_MS,
    instanceId: 'shop',
    isEnded: (threadId) => ended.has(threadId),
    readClockMs: () => clock.ms,
    createExport: (attributes) =>
      createExport(attributes, {
        exporter: createExporter(),
        intervalMs: null,
        timeoutMs: 1000,
        onResult() {},
      }),
  });
  const next = async (count: number): Promise<SinkExport[]> => {
    await sink.waitFor(() => sink.exports.length >= count);
    return [...sink.exports];
  };
  return { workers, clock, ended, sink, next };
}

function summary({ resource, metrics }: SinkExport) {
  return [resource['service.instance.id'], metrics.get(METRIC_HEAP_USED)?.points[0]?.value];
}

describe('WorkerExports', () => {
  it('exports each posting once, under the number of its worker', async () => {
    const { workers, next } = await create();
    workers.take(posting(7));
    await next(1);
    workers.take(posting(9, { threadName: 'pool-1' }));
    const exports = await next(2);
    expect(exports.map(summary)).toEqual([
      ['shop-worker-1', 7000],
      ['shop-worker-2', 9000],
    ]);
    expect(exports.map(({ resource }) => resource['thread.name'])).toEqual([undefined, 'pool-1']);
  });

  it('gives the number of a worker that has ended to the next one', async () => {
    const { workers, ended, next } = await create();
    workers.take(posting(1));
    workers.take(posting(2));
    await next(2);
    ended.add(1);
    workers.take(posting(3));
    workers.take(posting(4));
    const ids = (await next(4)).slice(2).map((one) => one.resource['service.instance.id']);
    expect(new Set(ids)).toEqual(new Set(['shop-worker-1', 'shop-worker-3']));
  });

  it('forgets a worker that is silent for three intervals, and not before', async () => {
    const { workers, clock } = await create();
    workers.take(posting(1));
    clock.ms = 2000;
    workers.take(posting(2));
    clock.ms = 3000;
    expect(workers.sweep()).toBe(2);
    clock.ms = 3001;
    expect(workers.sweep()).toBe(1);
    clock.ms = 5001;
    expect(workers.sweep()).toBe(0);
  });

  it('keeps the numbers of workers that look silent because the loop was blocked', async () => {
    const { workers, clock, next } = await create();
    workers.take(posting(1));
    workers.take(posting(2));
    await next(2);
    clock.ms = 60_000;
    workers.take(posting(2, { isUrgent: true }));
    await next(3);
    workers.take(posting(1, { isUrgent: true }));
    expect((await next(4)).slice(2).map(summary)).toEqual([
      ['shop-worker-2', 2000],
      ['shop-worker-1', 1000],
    ]);
  });

  it('sends nothing more of a worker that is forgotten', async () => {
    const { workers, clock, ended, sink, next } = await create();
    workers.take(posting(1));
    await next(1);
    ended.add(1);
    clock.ms = 60_000;
    workers.sweep();
    workers.take(posting(2));
    await next(2);
    expect(sink.exports.map(summary)).toEqual([
      ['shop-worker-1', 1000],
      ['shop-worker-1', 2000],
    ]);
  });

  it('lets an age go on while the posting was on its way', async () => {
    const { workers, clock, next } = await create();
    clock.ms = 5000;
    const observations = [
      [METRIC_GC_LAST_MAJOR_AGE, 3],
      [METRIC_HEAP_USED, 10],
    ] as const;
    workers.take(posting(1, { sentMs: 1500, observations }));
    const [one] = (await next(1)) as [SinkExport];
    expect(sinkValue(one, METRIC_GC_LAST_MAJOR_AGE)).toBe(6.5);
    expect(sinkValue(one, METRIC_HEAP_USED)).toBe(10);
  });

  it('puts recorded values into a histogram', async () => {
    const { workers, next } = await create();
    const records = [0.02, 0.7, 0.03].map((value) => [METRIC_EVENTLOOP_LAG, value] as const);
    workers.take(posting(1, { records }));
    const [one] = (await next(1)) as [SinkExport];
    // Bounds 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5.
    expect(one.metrics.get(METRIC_EVENTLOOP_LAG)?.points[0]?.bucketCounts).toEqual([
      0, 1, 1, 0, 0, 0, 1, 0, 0,
    ]);
  });

  it('flushes an urgent posting behind one that is on its way, whose figures are older', async () => {
    const { workers, next } = await create();
    workers.take(posting(1));
    workers.take(posting(1, { isUrgent: true, observations: [[METRIC_HEAP_USED, 5]] }));
    expect((await next(2)).at(-1)?.metrics.get(METRIC_HEAP_USED)?.points[0]?.value).toBe(5);
  });
});

describe('isWorkerPosting', () => {
  it('knows a posting', () => {
    expect(isWorkerPosting(posting(1, { observations: [[METRIC_HEAP_USED, 1, { a: 'b' }]] }))).toBe(true);
  });

  it.each([
    null,
    'text',
    {},
    { ...posting(1), threadId: '1' },
    { ...posting(1), threadName: 7 },
    { ...posting(1), sentMs: Number.NaN },
    { ...posting(1), metricNames: undefined },
    { ...posting(1), observations: [['a']] },
    { ...posting(1), observations: [['a', '1']] },
    { ...posting(1), records: [null] },
  ])('does not take %j for one', (value) => {
    expect(isWorkerPosting(value)).toBe(false);
  });
});
