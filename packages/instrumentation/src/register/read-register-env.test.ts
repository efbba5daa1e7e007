import { describe, expect, it } from 'vitest';
import { isSdkDisabled, readRegisterEnv } from './read-register-env.ts';

describe('readRegisterEnv', () => {
  it('exports to localhost every 15 seconds by default', () => {
    expect(readRegisterEnv({})).toEqual({
      settings: { url: 'http://localhost:4318/v1/metrics', intervalMs: 15_000, exportTimeoutMs: 15_000 },
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
    expect(readRegisterEnv(env).settings?.url).toBe(url);
  });

  it('clamps the time-out to the interval', () => {
    const env = { OTEL_METRIC_EXPORT_INTERVAL: '60000', OTEL_METRIC_EXPORT_TIMEOUT: '5000' };
    expect(readRegisterEnv(env).settings).toMatchObject({ intervalMs: 60_000, exportTimeoutMs: 5000 });
    expect(readRegisterEnv({ OTEL_METRIC_EXPORT_INTERVAL: '500' }).settings?.exportTimeoutMs).toBe(500);
  });

  it.each(['0', '-5', '1.5', 'soon', '99999999999'])('takes the default for an interval of %s', (text) => {
    const { settings, problems } = readRegisterEnv({ OTEL_METRIC_EXPORT_INTERVAL: text });
    expect(settings?.intervalMs).toBe(15_000);
    expect(problems).toHaveLength(1);
  });

  it.each(['none', 'none,none'])('is off, without a problem, with OTEL_METRICS_EXPORTER=%s', (text) => {
    expect(readRegisterEnv({ OTEL_METRICS_EXPORTER: text })).toEqual({ settings: null, problems: [] });
  });

  it.each([
    { OTEL_METRICS_EXPORTER: 'prometheus' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'ftp://collector' },
  ])('stays off with %j rather than send to a wrong place', (env) => {
    const { settings, problems } = readRegisterEnv(env);
    expect(settings).toBeNull();
    expect(problems).toHaveLength(1);
  });

  it.each([
    { OTEL_METRICS_EXPORTER: 'prometheus,otlp' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
  ])('is on with %j', (env) => {
    expect(readRegisterEnv(env).settings).not.toBeNull();
  });

  it('lists every problem, also of variables that the exporter would correct without a word', () => {
    const { settings, problems } = readRegisterEnv({
      OTEL_METRIC_EXPORT_INTERVAL: 'x',
      OTEL_EXPORTER_OTLP_TIMEOUT: 'x',
      OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'br',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'sum',
      OTEL_SDK_DISABLED: 'yes',
    });
    expect(settings).not.toBeNull();
    expect(problems.map((problem) => problem.split('=')[0])).toEqual([
      'OTEL_METRIC_EXPORT_INTERVAL',
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      'OTEL_EXPORTER_OTLP_METRICS_COMPRESSION',
      'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
      'OTEL_SDK_DISABLED',
    ]);
  });

  it('does not print the password of an address', () => {
    const { problems } = readRegisterEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:secret@collector' });
    expect(problems[0]).not.toContain('secret');
    expect(problems[0]).toContain('collector');
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
