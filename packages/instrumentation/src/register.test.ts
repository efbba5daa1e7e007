import { afterEach, describe, expect, it } from 'vitest';
import {
  ALL_METRICS,
  METER_NAME,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_FLOOR_UTILIZATION,
  METRIC_GC_COUNT,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
} from '@heapfloor/contract/metrics';
import { sinkValue, startOtlpSink, type OtlpSink, type SinkExport } from './testing/otlp-sink.ts';
import { program, REGISTER_ARGS, runNode, type NodeRun } from './testing/run-node.ts';

const MIB = 1024 * 1024;
/** A small young generation, so that the old one is collected every half second. */
const LEAK_ARGS = ['--max-old-space-size=100', '--max-semi-space-size=2', '--trace-gc'];

const opened: { sinks: OtlpSink[]; runs: NodeRun[] } = { sinks: [], runs: [] };
afterEach(async () => {
  for (const run of opened.runs.splice(0)) {
    run.child.kill('SIGKILL');
    await run.exited;
  }
  for (const sink of opened.sinks.splice(0)) await sink.close();
});

async function startLeak(env: Readonly<Record<string, string>>): Promise<{ sink: OtlpSink; run: NodeRun }> {
  const sink = await startOtlpSink();
  opened.sinks.push(sink);
  const run = runNode([...REGISTER_ARGS, ...LEAK_ARGS, program('leaking-app.ts')], {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
    ...env,
  });
  opened.runs.push(run);
  return { sink, run };
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
    const full = await sink.waitFor((one) => streakOf(one) >= 2 && one.metrics.size === ALL_METRICS.length);
    await sink.waitFor((one) => streakOf(one) >= 5);
    await finish(run);

    expect(full.url).toBe('/v1/metrics');
    expect(full.headers).toMatchObject({ 'content-type': 'application/json', 'x-api-key': 'abc' });
    expect(full.scopes).toEqual([METER_NAME]);
    expectContract(full);
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

function expectContract(one: SinkExport): void {
  for (const { name, unit, instrument, description, attributes } of ALL_METRICS) {
    const metric = one.metrics.get(name);
    expect({ ...metric, points: undefined }).toEqual({
      name,
      unit,
      instrument,
      description,
      points: undefined,
    });
    for (const point of metric?.points ?? []) expect(Object.keys(point.attributes)).toEqual(attributes);
  }
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
