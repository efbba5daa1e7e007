import { describe, expect, it } from 'vitest';
import { isSdkDisabled, readExportEnv, showUrl } from './read-register-env.ts';

describe('readExportEnv', () => {
  it('exports JSON to localhost every 15 seconds by default', () => {
    expect(readExportEnv({})).toEqual({
      settings: {
        url: 'http://localhost:4318/v1/metrics',
        protocol: 'http/json',
        compression: 'none',
        intervalMs: 15_000,
        exportTimeoutMs: 15_000,
        requestTimeoutMs: 10_000,
      },
      problems: [],
    });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/otlp/' }, 'https://c/otlp/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c:4318/mine' }, 'http://c:4318/mine'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://b/x' },
      'http://b/x',
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, 'http://localhost:4318/v1/metrics'],
  ])('with %j sends to %s', (env, url) => {
    expect(readExportEnv(env).settings?.url).toBe(url);
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'http/protobuf'],
    [{ OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf' }, 'http/protobuf'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' }, 'http/json'],
  ])('with %j speaks %s', (env, protocol) => {
    expect(readExportEnv(env)).toMatchObject({ settings: { protocol }, problems: [] });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }, 'gzip'],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP' }, 'gzip'],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'none' }, 'none'],
  ])('with %j compresses by %s', (env, compression) => {
    expect(readExportEnv(env)).toMatchObject({ settings: { compression }, problems: [] });
  });

  it('clamps the time-out of an export to the interval, and that of a request to both', () => {
    const env = { OTEL_METRIC_EXPORT_INTERVAL: '60000', OTEL_METRIC_EXPORT_TIMEOUT: '5000' };
    expect(readExportEnv(env).settings).toMatchObject({
      intervalMs: 60_000,
      exportTimeoutMs: 5000,
      requestTimeoutMs: 5000,
    });
    expect(readExportEnv({ OTEL_METRIC_EXPORT_INTERVAL: '500' }).settings).toMatchObject({
      exportTimeoutMs: 500,
      requestTimeoutMs: 500,
    });
  });

  it('prefers the time-out of metrics', () => {
    const env = { OTEL_EXPORTER_OTLP_TIMEOUT: '4000', OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '3000' };
    expect(readExportEnv({ ...env }).settings?.requestTimeoutMs).toBe(3000);
    expect(readExportEnv({ OTEL_EXPORTER_OTLP_TIMEOUT: '4000' }).settings?.requestTimeoutMs).toBe(4000);
  });

  // 15 and 60: seconds, meant by somebody.
  it.each(['0', '-5', '1.5', 'soon', '99999999999', 'NaN', '15', '60', '1e309'])(
    'takes the default for an interval of %s',
    (text) => {
      const { settings, problems } = readExportEnv({ OTEL_METRIC_EXPORT_INTERVAL: text });
      expect(settings?.intervalMs).toBe(15_000);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain('from 100');
    },
  );

  it.each(['none', 'none,none', 'otlp,none', 'prometheus, none'])(
    'is off, without a problem, with OTEL_METRICS_EXPORTER=%s',
    (text) => {
      expect(readExportEnv({ OTEL_METRICS_EXPORTER: text })).toEqual({ settings: null, problems: [] });
    },
  );

  it.each([
    [{ OTEL_METRICS_EXPORTER: 'prometheus' }, 'OTEL_METRICS_EXPORTER="prometheus"'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL="grpc": only http/json and'],
    [
      { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL="grpc"',
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT="collector:4318"'],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: '/v1' }, 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT="/v1"'],
  ])('is off with %j, and says so', (env, problem) => {
    const { settings, problems } = readExportEnv(env);
    expect(settings).toBeNull();
    expect(problems).toEqual([expect.stringMatching(/; no metrics$/)]);
    expect(problems[0]).toContain(problem);
  });

  it('is on with an empty list', () => {
    expect(readExportEnv({ OTEL_METRICS_EXPORTER: ' , ' })).toEqual(readExportEnv({}));
  });

  it('is on with otlp among others, which it names', () => {
    const { settings, problems } = readExportEnv({ OTEL_METRICS_EXPORTER: 'otlp, console' });
    expect(settings).not.toBeNull();
    expect(problems).toEqual(['OTEL_METRICS_EXPORTER="console": only otlp and none are known; otlp it is']);
  });

  it('lists every problem, also of variables that the exporter would correct without a word', () => {
    const { settings, problems } = readExportEnv({
      OTEL_METRIC_EXPORT_INTERVAL: 'x',
      OTEL_METRIC_EXPORT_TIMEOUT: 'x',
      OTEL_EXPORTER_OTLP_TIMEOUT: 'x',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: 'x',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'br',
      OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'br',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'sum',
      OTEL_SDK_DISABLED: 'yes',
    });
    expect(settings).not.toBeNull();
    expect(problems.map((problem) => problem.split('=')[0])).toEqual([
      'OTEL_METRIC_EXPORT_INTERVAL',
      'OTEL_METRIC_EXPORT_TIMEOUT',
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT',
      'OTEL_EXPORTER_OTLP_COMPRESSION',
      'OTEL_EXPORTER_OTLP_METRICS_COMPRESSION',
      'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
      'OTEL_SDK_DISABLED',
    ]);
  });

  it.each(['ftp://user:secret@collector', 'user:secret@collector:4318', 'ftp://user:se/cret@collector'])(
    'does not print the password of %s',
    (endpoint) => {
      const { problems } = readExportEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
      expect(problems[0]).not.toMatch(/se|cret/);
      expect(problems[0]).toContain('collector');
    },
  );
});

describe('headers', () => {
  it.each(['zz', 'a b=c', '=x', 'k=%zz', 'api-key'])('tells of %j, and not what it holds', (text) => {
    const { settings, problems } = readExportEnv({ OTEL_EXPORTER_OTLP_HEADERS: `ok=1,${text}` });
    expect(settings).not.toBeNull();
    expect(problems).toEqual([
      'OTEL_EXPORTER_OTLP_HEADERS: 1 of its pairs are not name=value, percent-encoded; they are not sent',
    ]);
  });

  it.each(['api-key=abc', 'Authorization=Basic%20YTpi', 'a=1, b=2', 'k=x=y', ''])('takes %j', (text) => {
    expect(readExportEnv({ OTEL_EXPORTER_OTLP_METRICS_HEADERS: text }).problems).toEqual([]);
  });
});

describe('showUrl', () => {
  it('leaves out the user and the query', () => {
    expect(showUrl('https://user:secret@collector:4318/v1/metrics?key=secret#x')).toBe(
      'https://collector:4318/v1/metrics',
    );
  });
});

describe('isSdkDisabled', () => {
  it.each([
    ['true', true],
    ['TRUE', true],
    ['false', false],
    ['1', false],
    ['', false],
    [undefined, false],
  ])('of %j is %s', (text, expected) => {
    expect(isSdkDisabled({ OTEL_SDK_DISABLED: text })).toBe(expected);
  });
});
