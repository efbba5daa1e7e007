import { DEFAULT_EXPORT_INTERVAL_SECONDS } from '@heapfloor/contract/rule';
import {
  hideCredentials,
  readChoice,
  readMs,
  readText,
  showValue,
  splitList,
  type Env,
  type EnvReading,
} from './env-values.ts';

export const OTLP_PROTOCOLS = ['http/json', 'http/protobuf'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

const COMPRESSIONS = ['none', 'gzip'] as const;

/** Where metrics go, and when. */
export interface ExportSettings {
  /** With its path. */
  readonly url: string;
  readonly protocol: OtlpProtocol;
  readonly compression: (typeof COMPRESSIONS)[number];
  readonly intervalMs: number;
  /** When an export counts as failed. */
  readonly exportTimeoutMs: number;
  /** When a request is given up; not later. */
  readonly requestTimeoutMs: number;
}

export interface ExportEnv {
  /** Null: no metrics, because the environment says so or because a guess could send them to a wrong place. */
  readonly settings: ExportSettings | null;
  readonly problems: readonly string[];
}

const DEFAULT_ENDPOINT = 'http://localhost:4318';
/** Who takes the variable for seconds and says 15 or 60 must not get an export per event-loop turn. */
const MIN_INTERVAL_MS = 100;

/** True if the environment switches OpenTelemetry off for this process. */
export function isSdkDisabled(env: Env): boolean {
  return readText(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
}

/** Reads the `OTEL_*` variables of the export. The exporter itself reads headers and temporality. */
export function readExportEnv(env: Env): ExportEnv {
  const problems: string[] = [];
  const times = readTimes(env, problems);
  const compression = readCompression(env, problems);
  checkOthers(env, problems);
  const isWanted = readIsWanted(env, problems);
  const protocol = readProtocol(env, problems);
  const url = readUrl(env, problems);
  if (!isWanted || protocol === null || url === null) return { settings: null, problems };
  return { settings: { url, protocol, compression, ...times }, problems };
}

function readTimes(env: Env, problems: string[]) {
  const intervalMs = readMs(
    { env, name: 'OTEL_METRIC_EXPORT_INTERVAL', problems },
    { defaultMs: DEFAULT_EXPORT_INTERVAL_SECONDS * 1000, minMs: MIN_INTERVAL_MS },
  );
  const timeoutMs = readMs(
    { env, name: 'OTEL_METRIC_EXPORT_TIMEOUT', problems },
    { defaultMs: 30_000, minMs: 1 },
  );
  const generalMs = readMs(
    { env, name: 'OTEL_EXPORTER_OTLP_TIMEOUT', problems },
    { defaultMs: 10_000, minMs: 1 },
  );
  const requestMs = readMs(
    { env, name: 'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', problems },
    { defaultMs: generalMs, minMs: 1 },
  );
  const exportTimeoutMs = Math.min(timeoutMs, intervalMs);
  return { intervalMs, exportTimeoutMs, requestTimeoutMs: Math.min(requestMs, exportTimeoutMs) };
}

/** `none` wins over what else is listed, as in the SDK. */
function readIsWanted(env: Env, problems: string[]): boolean {
  const names = splitList(readText(env, 'OTEL_METRICS_EXPORTER') ?? 'otlp');
  if (names.includes('none')) return false;
  const unknown = names.filter((name) => name !== 'otlp');
  const isWanted = names.length === 0 || names.includes('otlp');
  if (unknown.length > 0) {
    const consequence = isWanted ? 'otlp it is' : 'no metrics';
    problems.push(
      `OTEL_METRICS_EXPORTER=${showValue(unknown.join())}: only otlp and none are known; ${consequence}`,
    );
  }
  return isWanted;
}

function readProtocol(env: Env, problems: string[]): OtlpProtocol | null {
  const specific = readText(env, 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL');
  const text = specific ?? readText(env, 'OTEL_EXPORTER_OTLP_PROTOCOL') ?? OTLP_PROTOCOLS[0];
  const protocol = OTLP_PROTOCOLS.find((one) => one === text.toLowerCase());
  if (protocol !== undefined) return protocol;
  const name = specific === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL';
  problems.push(`${name}=${showValue(text)}: only ${OTLP_PROTOCOLS.join(' and ')} are spoken; no metrics`);
  return null;
}

function readUrl(env: Env, problems: string[]): string | null {
  const specific = readText(env, 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT');
  const given = specific ?? readText(env, 'OTEL_EXPORTER_OTLP_ENDPOINT') ?? DEFAULT_ENDPOINT;
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const name =
      specific === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';
    problems.push(`${name}=${showValue(given)}: not a URL of http or https; no metrics`);
    return null;
  }
  // The general one is a base, the specific one is complete (OTLP exporter specification).
  if (specific === undefined) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/metrics`;
  return url.href;
}

/** The exporter would take `GZIP` for a mistake, and drop it without a word. */
function readCompression(env: Env, problems: string[]): ExportSettings['compression'] {
  const general = readChoice({ env, name: 'OTEL_EXPORTER_OTLP_COMPRESSION', problems }, COMPRESSIONS);
  const name = 'OTEL_EXPORTER_OTLP_METRICS_COMPRESSION';
  return readText(env, name) === undefined ? general : readChoice({ env, name, problems }, COMPRESSIONS);
}

/** Who reads these replaces a wrong value by its default without a word. */
function checkOthers(env: Env, problems: string[]): void {
  readChoice({ env, name: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', problems }, [
    'cumulative',
    'delta',
    'lowmemory',
  ]);
  readChoice({ env, name: 'OTEL_SDK_DISABLED', problems }, ['false', 'true']);
  checkHeaders({ env, name: 'OTEL_EXPORTER_OTLP_HEADERS', problems });
  checkHeaders({ env, name: 'OTEL_EXPORTER_OTLP_METRICS_HEADERS', problems });
}

/** Without the value, which is most often a key. */
function checkHeaders({ env, name, problems }: EnvReading): void {
  const wrong = splitList(readText(env, name) ?? '').filter((pair) => !isHeader(pair));
  if (wrong.length === 0) return;
  problems.push(
    `${name}: ${wrong.length} of its pairs are not name=value, percent-encoded; they are not sent`,
  );
}

function isHeader(pair: string): boolean {
  if (!/^[\w!#$%&'*+.^`|~-]+=./.test(pair)) return false;
  try {
    decodeURIComponent(pair);
    return true;
  } catch {
    return false;
  }
}

/** The address as it may be printed: the query and the user may hold secrets. */
export function showUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return hideCredentials(`${origin}${pathname}`);
}
