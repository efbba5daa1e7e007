import { afterEach, describe, expect, it } from 'vitest';
import {
  METRIC_DETAILS,
  METRIC_EXPORT_FAILURE,
  METRIC_HEAP_USED,
  OWN_METRICS,
} from '@heapfloor/contract/metrics';
import { ERROR_CODES } from './errors.ts';
import { sinkValue } from './testing/otlp-sink.ts';
import { createPool, endOf, runApp } from './testing/register-run.ts';
import { program, REGISTER_ARGS, runNode } from './testing/run-node.ts';

const pool = createPool();
afterEach(() => pool.close());

const SHORT = ['short-app.ts', '0'];
const OFTEN = { OTEL_METRIC_EXPORT_INTERVAL: '100' };

describe('the environment of register mode', () => {
  it.each([
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_METRICS_EXPORTER', 'none'],
  ])('sends nothing with %s=%s', async (name, value) => {
    const sink = await pool.startSink();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, [name]: value };
    expect(await runApp(SHORT, env)).toMatchObject({ exitCode: 0, lines: [] });
    expect(sink.exports).toEqual([]);
  });

  it('may be wrong: the app goes on, and all of it is listed in one line', async () => {
    const { exitCode, lines } = await runApp(SHORT, {
      OTEL_METRIC_EXPORT_INTERVAL: 'often',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/does/not/exist',
      OTEL_RESOURCE_ATTRIBUTES: 'a',
      OTEL_LOG_LEVEL: 'loud',
      HEAPFLOOR_METRIC_DETAILS: 'spaces',
      HEAPFLOOR_EXACT_FLOOR: 'no',
    });
    expect(exitCode).toBe(0);
    const [line = ''] = lines.filter((one) => one.includes(ERROR_CODES.envInvalid));
    for (const problem of [
      'OTEL_METRIC_EXPORT_INTERVAL="often"',
      'OTEL_EXPORTER_OTLP_ENDPOINT="collector:4318"',
      'OTEL_EXPORTER_OTLP_CERTIFICATE: cannot read',
      'OTEL_RESOURCE_ATTRIBUTES: not a list',
      'OTEL_LOG_LEVEL="loud"',
      'HEAPFLOOR_METRIC_DETAILS="spaces"',
      'HEAPFLOOR_EXACT_FLOOR="no"',
    ]) {
      expect(line).toContain(problem);
    }
  });

  it('may be absurd, where that does no harm', async () => {
    const sink = await pool.startSink();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${sink.endpoint}/?x=1#y`,
      OTEL_METRIC_EXPORT_INTERVAL: String(2 ** 31 - 1),
      OTEL_SERVICE_NAME: 'ü'.repeat(50_000),
      OTEL_RESOURCE_ATTRIBUTES: `__proto__=1,constructor=2,${'k'.repeat(20_000)}=v`,
      HEAPFLOOR_REGISTERED_PID: 'garbage,,-1',
    };
    expect(await runApp(SHORT, env)).toMatchObject({ exitCode: 0, lines: [] });
    expect(sink.exports.map((one) => [one.url, String(one.resource['service.name']).length])).toEqual([
      ['/v1/metrics?x=1', 50_000],
    ]);
  });

  it('adds what is off by default', async () => {
    const sink = await pool.startSink();
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint };
    await runApp(SHORT, endpoint);
    await runApp(SHORT, {
      ...endpoint,
      HEAPFLOOR_METRIC_DETAILS: METRIC_DETAILS.join(),
      HEAPFLOOR_EXACT_FLOOR: 'false',
    });
    const [without = new Map<string, never>(), all = new Map<string, never>()] = sink.exports.map(
      (one) => one.metrics,
    );
    const added = [...all.keys()].filter((name) => !without.has(name));
    expect(added).toContain('v8js.memory.heap.used');
    expect([...without.keys()].filter((name) => !all.has(name))).toEqual([]);
  });

  it('speaks protobuf if it is asked to, with the same metrics', async () => {
    const sink = await pool.startSink();
    for (const protocol of ['http/json', 'http/protobuf']) {
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
        OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol,
      };
      expect(await runApp(SHORT, env)).toMatchObject({ exitCode: 0, lines: [] });
    }
    const [json, protobuf] = sink.exports;
    expect(protobuf?.headers['content-type']).toBe('application/x-protobuf');
    const shape = (one: typeof json) =>
      [...(one?.metrics.values() ?? [])].map((metric) => ({
        ...metric,
        points: metric.points.map((point) => point.attributes),
      }));
    expect(shape(protobuf)).toEqual(shape(json));
    expect(Object.keys(protobuf?.resource ?? {})).toEqual(Object.keys(json?.resource ?? {}));
  });

  it('makes OpenTelemetry speak on stderr, and not on stdout', async () => {
    const { endpoint } = await pool.startSink({ answer: () => ({ status: 400, body: '' }) });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_LOG_LEVEL: 'warn' };
    const { stdout, lines } = await runApp(SHORT, env);
    expect(stdout).toMatch(/^delay=\d+\n$/);
    expect(lines).toContain(
      'heapfloor: OpenTelemetry warn: heapfloor: export failed (http): HTTP 400 Bad Request',
    );
  });

  it('does not print a password or a token of the address', async () => {
    const endpoint = 'http://user:secret@127.0.0.1:9/v1?key=secret';
    const { lines } = await runApp(['short-app.ts', '300'], {
      ...OFTEN,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
      OTEL_LOG_LEVEL: 'all',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
    });
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => line.includes('secret'))).toEqual([]);
  });
});

describe('a collector that fails', () => {
  it('is told of once, and once when it works again; the metric has what was lost', async () => {
    const sink = await pool.startSink({
      answer: (index) => {
        if (index < 2) return { status: 500, body: '' };
        return index === 2
          ? { body: '{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"old"}}' }
          : {};
      },
    });
    const run = pool.start(['short-app.ts', '60000'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
      ...OFTEN,
    });
    const after = await sink.waitFor((one) => sink.exports.indexOf(one) === 4);
    expect(sinkValue(after, METRIC_EXPORT_FAILURE, 'response')).toBe(3);
    expect(sinkValue(after, METRIC_HEAP_USED)).toBeGreaterThan(1e6);
    run.child.kill('SIGTERM');
    const url = `${sink.endpoint}/v1/metrics`;
    expect((await endOf(run)).lines).toEqual([
      `heapfloor: ${ERROR_CODES.exportFailed}: ${url}: HTTP 500 Internal Server Error; said once, tried on`,
      `heapfloor: ${ERROR_CODES.exportFailed}: ${url}: works again after 3 failed exports; said once`,
    ]);
  });
});

describe('an app that has a MeterProvider', () => {
  it('gets our own namespace by that one, and nothing from us, also in workers', async () => {
    const sink = await pool.startSink();
    const [condition = '', register = ''] = REGISTER_ARGS;
    const args = [
      condition,
      `--import=${program('existing-provider.ts')}`,
      register,
      program('worker-app.ts'),
      '2500',
    ];
    const run = runNode(args, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, ...OFTEN });
    expect(await run.exited).toBe(0);
    const own = OWN_METRICS.map(({ name }) => name);
    for (const thread of ['names', 'worker']) {
      const names = new RegExp(`${thread}=(.*)`).exec(run.stdout())?.[1]?.split(',') ?? [];
      expect(names.length).toBeGreaterThan(5);
      expect(names.filter((name) => !own.includes(name))).toEqual([]);
    }
    expect(sink.exports).toEqual([]);
  });
});

describe('an app without the packages of register mode', () => {
  it.each([
    ['@opentelemetry/api', {}],
    ['@opentelemetry/sdk-metrics', {}],
    ['@opentelemetry/exporter-metrics-otlp-http', {}],
    ['@opentelemetry/exporter-metrics-otlp-proto', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }],
  ])('goes on without %s and says how to install it', async (name, env) => {
    const missing = [`--import=${program('without-sdk.ts')}`, ...REGISTER_ARGS, program('short-app.ts')];
    const { exitCode, lines } = await endOf(runNode(missing, { TEST_MISSING_PACKAGE: name, ...env }));
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${ERROR_CODES.sdkMissing}: ${name} is not installed`);
    expect(lines[0]).toContain(`npm install @opentelemetry/api`);
    expect(lines[0]).toContain(`${name}@`);
  });

  it('does not load the exporter of the other protocol', async () => {
    const sink = await pool.startSink();
    const missing = [`--import=${program('without-sdk.ts')}`, ...REGISTER_ARGS, program('short-app.ts')];
    const env = {
      TEST_MISSING_PACKAGE: '@opentelemetry/exporter-metrics-otlp-proto',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
    };
    expect(await endOf(runNode(missing, env))).toMatchObject({ exitCode: 0, lines: [] });
    expect(sink.exports).toHaveLength(1);
  });
});
