import { DEFAULT_EXPORT_INTERVAL_SECONDS } from '@heapfloor/contract/rule';

export type Env = Readonly<Record<string, string | undefined>>;

export interface RegisterSettings {
  /** Where metrics go, with its path. */
  readonly url: string;
  readonly intervalMs: number;
  /** When an export counts as failed. */
  readonly exportTimeoutMs: number;
}

export interface RegisterEnv {
  /** Null: no metrics, because the environment says so or because a guess could send them to a wrong place. */
  readonly settings: RegisterSettings | null;
  readonly problems: readonly string[];
}

const DEFAULT_ENDPOINT = 'http://localhost:4318';
/** `setInterval` takes at most this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** True if the environment switches OpenTelemetry off for this process. */
export function isSdkDisabled(env: Env): boolean {
  return value(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
}

/** Reads the `OTEL_*` variables that the SDK pair does not read itself; those it does are only checked. */
export function readRegisterEnv(env: Env): RegisterEnv {
  const problems: string[] = [];
  const interval = readMs(
    env,
    'OTEL_METRIC_EXPORT_INTERVAL',
    DEFAULT_EXPORT_INTERVAL_SECONDS * 1000,
    problems,
  );
  const timeout = readMs(env, 'OTEL_METRIC_EXPORT_TIMEOUT', 30_000, problems);
  checkExporterVariables(env, problems);
  const isWanted = readIsWanted(env, problems);
  const url = readUrl(env, problems);
  if (!isWanted || url === null) return { settings: null, problems };
  return {
    settings: { url, intervalMs: interval, exportTimeoutMs: Math.min(timeout, interval) },
    problems,
  };
}

function readIsWanted(env: Env, problems: string[]): boolean {
  const exporters = (value(env, 'OTEL_METRICS_EXPORTER') ?? 'otlp').split(',').map((name) => name.trim());
  if (exporters.every((name) => name === 'none')) return false;
  if (!exporters.includes('otlp')) {
    problems.push(
      `OTEL_METRICS_EXPORTER=${show(exporters.join())}: only otlp and none are known; no metrics`,
    );
    return false;
  }
  const name = 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL';
  const protocol = value(env, name) ?? value(env, 'OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/json';
  // Receivers of OTLP/HTTP take both forms at one address, so `http/protobuf` is as good as ours.
  if (protocol === 'http/json' || protocol === 'http/protobuf') return true;
  problems.push(`OTEL_EXPORTER_OTLP_PROTOCOL=${show(protocol)}: only http/json is spoken; no metrics`);
  return false;
}

function readUrl(env: Env, problems: string[]): string | null {
  const name = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';
  const specific = value(env, name);
  const general = value(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const given = specific ?? general ?? DEFAULT_ENDPOINT;
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const variable = specific === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : name;
    problems.push(`${variable}=${show(given)}: not a URL of http or https; no metrics`);
    return null;
  }
  // The general one is a base, the specific one is complete (OTLP exporter specification).
  if (specific === undefined) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/metrics`;
  return url.href;
}

function readMs(env: Env, name: string, defaultMs: number, problems: string[]): number {
  const text = value(env, name);
  if (text === undefined) return defaultMs;
  const ms = Number(text);
  if (Number.isInteger(ms) && ms > 0 && ms <= MAX_TIMER_MS) return ms;
  problems.push(
    `${name}=${show(text)}: not a number of milliseconds from 1 to ${MAX_TIMER_MS}; ${defaultMs} it is`,
  );
  return defaultMs;
}

/** The exporter would replace a wrong value by its default without a word. */
function checkExporterVariables(env: Env, problems: string[]): void {
  for (const suffix of ['TIMEOUT', 'METRICS_TIMEOUT']) {
    readMs(env, `OTEL_EXPORTER_OTLP_${suffix}`, 10_000, problems);
  }
  for (const suffix of ['COMPRESSION', 'METRICS_COMPRESSION']) {
    checkChoice(env, `OTEL_EXPORTER_OTLP_${suffix}`, ['none', 'gzip'], problems);
  }
  const temporality = ['cumulative', 'delta', 'lowmemory'];
  checkChoice(env, 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', temporality, problems);
  checkChoice(env, 'OTEL_SDK_DISABLED', ['false', 'true'], problems);
}

function checkChoice(env: Env, name: string, choices: readonly string[], problems: string[]): void {
  const text = value(env, name);
  if (text === undefined || choices.includes(text.toLowerCase())) return;
  problems.push(`${name}=${show(text)}: not one of ${choices.join(', ')}; ${choices[0]} it is`);
}

/** Empty text means absent (OpenTelemetry specification, environment variables). */
function value(env: Env, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

/** Cut, and without the password that a URL may carry. */
function show(text: string): string {
  return JSON.stringify(text.replace(/[^/@]*@/, '***@').slice(0, 60));
}
