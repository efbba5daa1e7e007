import { afterEach, describe, expect, it } from 'vitest';
import {
  ALL_METRICS,
  METER_NAME,
  METRIC_EXPORT_FAILURE,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_FLOOR_UTILIZATION,
  METRIC_GC_COUNT,
  METRIC_HEAP_ALLOCATED,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
  METRIC_MEMORY_CGROUP_AVAILABLE,
  METRIC_MEMORY_CGROUP_LIMIT,
  METRIC_PROCESS_FILE_DESCRIPTOR_COUNT,
  SEMCONV_FAMILIES,
  type MetricDeclaration,
} from '@heapfloor/contract/metrics';
import { sinkValue, type OtlpSink, type SinkExport } from './testing/otlp-sink.ts';
import { createPool } from './testing/register-run.ts';
import { REGISTER_ARGS, type NodeRun } from './testing/run-node.ts';

const MIB = 1024 * 1024;
/** A small young generation, so that the old one is collected every half second. */
const LEAK_ARGS = ['--max-old-space-size=100', '--max-semi-space-size=2', '--trace-gc'];

/** Metrics that a machine or a release of Node may not have. */
const MAY_BE_ABSENT: readonly string[] = [
  METRIC_HEAP_ALLOCATED,
  METRIC_MEMORY_CGROUP_AVAILABLE,
  METRIC_MEMORY_CGROUP_LIMIT,
  METRIC_PROCESS_FILE_DESCRIPTOR_COUNT,
];
const DEFAULT_SETS: readonly string[] = ['always', 'register', ...SEMCONV_FAMILIES];
const DEFAULT_METRICS = ALL_METRICS.filter(({ set }) =>
  [set].flat().some((one) => DEFAULT_SETS.includes(one)),
);
const EXPECTED = DEFAULT_METRICS.filter(({ name }) => !MAY_BE_ABSENT.includes(name));

const pool = createPool();
afterEach(() => pool.close());

async function startLeak(env: Readonly<Record<string, string>>): Promise<{ sink: OtlpSink; run: NodeRun }> {
  // The first export is refused, so that there is a failure to count.
  const sink = await pool.startSink({ answer: (index) => ({ status: index === 0 ? 500 : 200 }) });
  const args = [...REGISTER_ARGS, ...LEAK_ARGS];
  return {
    sink,
    run: pool.start(['leaking-app.ts'], { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, ...env }, args),
  };
}

/** Ends the app by itself, so that V8 prints all of its trace. */
async function finish(run: NodeRun): Promise<void> {
  run.child.kill('SIGTERM');
  expect(await run.exited).toBe(0);
}

function streakOf(one: SinkExport): number {
  return sinkValue(one, METRIC_FLOOR_BREACH_STREAK, 'warning') ?? 0;
}

describe('node --import @heapfloor/instrumentation/register', () => {
  it('exports the floor of a leak as --trace-gc prints it, in the words of the contract', async () => {
    const { sink, run } = await startLeak({
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=shop-1,deployment.environment.name=a%20test',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=abc',
    });
    const full = await sink.waitFor((one) => streakOf(one) >= 2 && isComplete(one));
    await sink.waitFor((one) => streakOf(one) >= 5);
    await finish(run);

    expect(full.url).toBe('/v1/metrics');
    expect(full.headers).toMatchObject({ 'content-type': 'application/json', 'x-api-key': 'abc' });
    expect(full.scopes).toEqual([METER_NAME]);
    for (const declaration of DEFAULT_METRICS) expectContract(full, declaration);
    expect(
      [...full.metrics.keys()].filter((name) => !DEFAULT_METRICS.some((one) => one.name === name)),
    ).toEqual([]);
    expect(sinkValue(full, METRIC_EXPORT_FAILURE, 'response')).toBe(1);
    expectResource(full, run.child.pid);
    expect(sinkValue(full, METRIC_HEAP_OLD_LIMIT, 'flag')).toBe(100 * MIB);
    expectTrace(sink.exports, run.stdout());
  });

  it('sends a streak at once, long before the next interval', async () => {
    const { sink, run } = await startLeak({ OTEL_METRIC_EXPORT_INTERVAL: '3600000' });
    const second = await sink.waitFor((one) => streakOf(one) >= 2);
    expect(sinkValue(second, METRIC_FLOOR_UTILIZATION)).toBeGreaterThan(0.75);
    await finish(run);
  });
});

function isComplete(one: SinkExport): boolean {
  return EXPECTED.every(({ name }) => one.metrics.has(name));
}

function expectContract(one: SinkExport, declaration: MetricDeclaration): void {
  const { name, unit, instrument, description, attributes } = declaration;
  const metric = one.metrics.get(name);
  if (metric === undefined) return;
  expect(metric).toMatchObject({ name, unit, instrument, description });
  for (const point of metric.points) expect(Object.keys(point.attributes)).toEqual(attributes);
}

/** Nothing else: no arguments, no owner, no environment. */
function expectResource(one: SinkExport, pid: number | undefined): void {
  expect(one.resource).toEqual({
    'service.name': 'shop',
    'service.instance.id': 'shop-1',
    'deployment.environment.name': 'a test',
    'process.pid': pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'host.name': expect.any(String) as string,
  });
}

/** The nth major GC that we count is the nth that V8 prints, apart from those before we were loaded. */
function expectTrace(exports: readonly SinkExport[], trace: string): void {
  const afterMib = [...trace.matchAll(/Mark-Compact.*? -> ([\d.]+) \(/g)].map(([, mib]) => Number(mib));
  const exact = exports.filter((one) => (sinkValue(one, METRIC_FLOOR_UTILIZATION) ?? 0) > 0.55);
  const worstErrors = [0, 1, 2, 3].map((before) => {
    const errors = exact.map((one) => {
      const printed = afterMib[before + (sinkValue(one, METRIC_GC_COUNT, 'major') ?? 0) - 1] ?? 0;
      return Math.abs((sinkValue(one, METRIC_HEAP_FLOOR) ?? 0) / MIB / printed - 1);
    });
    return Math.max(...errors);
  });
  expect(new Set(exact.map((one) => sinkValue(one, METRIC_GC_COUNT, 'major'))).size).toBeGreaterThanOrEqual(
    5,
  );
  // V8 prints tenths of a MiB.
  expect(Math.min(...worstErrors)).toBeLessThan(0.003);
}
