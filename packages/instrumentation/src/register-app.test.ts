import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { OWN_METRICS } from '@heapfloor/contract/metrics';
import { ERROR_CODES } from './errors.ts';
import { startOtlpSink, type OtlpSink, type SinkMode } from './testing/otlp-sink.ts';
import { program, REGISTER_ARGS, runNode } from './testing/run-node.ts';

const sinks: OtlpSink[] = [];
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close();
});

async function startSink(mode: SinkMode): Promise<OtlpSink> {
  const sink = await startOtlpSink(mode);
  sinks.push(sink);
  return sink;
}

/** Runs a program under register mode to its end. */
async function runApp(args: readonly string[], env: Readonly<Record<string, string>>) {
  const run = runNode([...REGISTER_ARGS, ...args], env);
  const exitCode = await run.exited;
  const lines = run
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('heapfloor: '));
  return { exitCode, stdout: run.stdout(), lines };
}

/** How long the app of this run stayed after its work was done. */
async function exitDelayMs(workMs: number, env: Readonly<Record<string, string>>) {
  const { exitCode, stdout, lines } = await runApp([program('short-app.ts'), String(workMs)], env);
  expect(exitCode).toBe(0);
  return { delayMs: Number(/delay=(\d+)/.exec(stdout)?.[1]), lines };
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the end of an app in register mode', () => {
  it('sends the last figures of an app that ends by itself', async () => {
    const sink = await startSink('accept');
    const { lines } = await exitDelayMs(0, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint });
    expect(sink.exports).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it('is not delayed by a collector that is down, and says so once', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '50' };
    const { delayMs, lines } = await exitDelayMs(500, env);
    expect(delayMs).toBeLessThan(1500);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${ERROR_CODES.exportFailed}: ${endpoint}/v1/metrics: `);
    expect(lines[0]).toContain('ECONNREFUSED');
  });

  it('is not delayed by a collector that asks to come again in 3 seconds', async () => {
    const { endpoint } = await startSink('unavailable');
    const { delayMs, lines } = await exitDelayMs(0, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    expect(delayMs).toBeLessThan(1500);
    expect(lines).toHaveLength(1);
  });

  it('waits two seconds at most for a collector that never answers', async () => {
    const { endpoint } = await startSink('hang');
    const { delayMs } = await exitDelayMs(0, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    expect(delayMs).toBeGreaterThan(1500);
    expect(delayMs).toBeLessThan(4000);
  });

  it('waits two seconds at most for a collector that stops to answer on a kept connection', async () => {
    const { endpoint } = await startSink('hang-later');
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '1000' };
    const { delayMs } = await exitDelayMs(1500, env);
    expect(delayMs).toBeGreaterThan(1500);
    expect(delayMs).toBeLessThan(4000);
  });

  it('is not delayed by a collector that is known to hang', async () => {
    const { endpoint } = await startSink('hang');
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '50' };
    const { delayMs, lines } = await exitDelayMs(700, env);
    expect(delayMs).toBeLessThan(1500);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('no answer within 50 ms');
  });
});

describe('an app in register mode', () => {
  it('watches the main thread only', async () => {
    const sink = await startSink('accept');
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_METRIC_EXPORT_INTERVAL: '50' };
    const { stdout } = await runApp([program('worker-app.ts')], env);
    expect(stdout).toBe('worker ended\n');
    expect(sink.exports.length).toBeGreaterThan(1);
    expect(new Set(sink.exports.map((one) => one.resource['service.instance.id'])).size).toBe(1);
  });

  it.each([
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_METRICS_EXPORTER', 'none'],
  ])('sends nothing with %s=%s', async (name, value) => {
    const sink = await startSink('accept');
    const { lines } = await exitDelayMs(0, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, [name]: value });
    expect(sink.exports).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('goes on with wrong variables and lists them in one line', async () => {
    const env = { OTEL_METRIC_EXPORT_INTERVAL: 'often', OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' };
    const { lines } = await exitDelayMs(0, env);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(ERROR_CODES.envInvalid);
    expect(lines[0]).toContain('OTEL_METRIC_EXPORT_INTERVAL="often"');
    expect(lines[0]).toContain('OTEL_EXPORTER_OTLP_ENDPOINT="collector:4318"');
  });

  it('uses the MeterProvider that is there, for our own namespace only', async () => {
    const sink = await startSink('accept');
    const existing = program('existing-provider.ts');
    const run = runNode(
      [
        REGISTER_ARGS[0] ?? '',
        `--import=${existing}`,
        REGISTER_ARGS[1] ?? '',
        program('short-app.ts'),
        '300',
      ],
      { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint },
    );
    expect(await run.exited).toBe(0);
    const names = /names=(.*)/.exec(run.stdout())?.[1]?.split(',') ?? [];
    const own = OWN_METRICS.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !own.includes(name))).toEqual([]);
    expect(sink.exports).toEqual([]);
  });

  it.each(['@opentelemetry/api', '@opentelemetry/sdk-metrics', '@opentelemetry/exporter-metrics-otlp-http'])(
    'goes on without %s and says how to install it',
    async (name) => {
      const missing = [`--import=${program('without-sdk.ts')}`, ...REGISTER_ARGS, program('short-app.ts')];
      const run = runNode(missing, { TEST_MISSING_PACKAGE: name });
      expect(await run.exited).toBe(0);
      const lines = run
        .stderr()
        .split('\n')
        .filter((line) => line.startsWith('heapfloor: '));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(`${ERROR_CODES.sdkMissing}: ${name} is not installed`);
      expect(lines[0]).toContain('npm install');
    },
  );
});
