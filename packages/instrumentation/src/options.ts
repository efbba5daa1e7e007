import {
  METRIC_DETAILS,
  SEMCONV_FAMILIES,
  type MetricDetail,
  type SemconvFamily,
} from '@heapfloor/contract/metrics';
import { InstrumentationOptionsError } from './errors.ts';

export interface HeapfloorInstrumentationConfig {
  /** Start at once. Default: true. */
  enabled?: boolean;
  /** Semantic-convention families to export beside our own namespace. Default: `'none'`. */
  semconv?: readonly SemconvFamily[] | 'all' | 'none';
  /** What is off by default, because it has many series or few readers. Default: `'none'`. */
  details?: readonly MetricDetail[] | 'all' | 'none';
  /** What the event-loop figures look back on, and how often resources are counted. Default: 60. */
  windowSeconds?: number;
  /** Read floors by `v8.GCProfiler` where the `gc` observer is too late. Default: true. */
  exactFloor?: boolean;
  /** Flush the MeterProvider when one more major GC in a row was above the threshold. Default: true. */
  flushOnBreach?: boolean;
}

export interface InstrumentationOptions {
  readonly enabled: boolean;
  readonly families: readonly SemconvFamily[];
  readonly details: readonly MetricDetail[];
  readonly windowMs: number;
  readonly exactFloor: boolean;
  readonly flushOnBreach: boolean;
}

/** OpenTelemetry's default export interval: a reader that is not slower misses no peak. */
const DEFAULT_WINDOW_SECONDS = 60;
/** `setInterval` takes at most 2^31 - 1 ms. */
const MAX_WINDOW_SECONDS = 86_400;

/**
 * Options with their defaults. Without a schema library: this runs inside the app under watch.
 * @throws InstrumentationOptionsError with every problem at once.
 */
export function parseInstrumentationOptions(config: HeapfloorInstrumentationConfig): InstrumentationOptions {
  const problems = [
    ...unknownNames(config),
    ...wrongBoolean('enabled', config.enabled),
    ...wrongBoolean('exactFloor', config.exactFloor),
    ...wrongBoolean('flushOnBreach', config.flushOnBreach),
    ...wrongList('semconv', config.semconv, SEMCONV_FAMILIES),
    ...wrongList('details', config.details, METRIC_DETAILS),
    ...wrongWindow(config.windowSeconds),
  ];
  if (problems.length > 0) throw new InstrumentationOptionsError(problems);
  return {
    enabled: config.enabled ?? true,
    families: listOf(config.semconv ?? 'none', SEMCONV_FAMILIES),
    details: withoutFolded(listOf(config.details ?? 'none', METRIC_DETAILS)),
    windowMs: (config.windowSeconds ?? DEFAULT_WINDOW_SECONDS) * 1000,
    exactFloor: config.exactFloor ?? true,
    flushOnBreach: config.flushOnBreach ?? true,
  };
}

function listOf<Name>(value: readonly Name[] | 'all' | 'none', all: readonly Name[]): readonly Name[] {
  if (value === 'all') return all;
  return value === 'none' ? [] : [...new Set(value)];
}

/** All heap spaces hold what the folded ones add up, under the same names. */
function withoutFolded(details: readonly MetricDetail[]): readonly MetricDetail[] {
  if (!details.includes('heap-spaces-all')) return details;
  return details.filter((detail) => detail !== 'heap-spaces');
}

const OPTION_NAMES = new Set([
  'enabled',
  'semconv',
  'details',
  'windowSeconds',
  'exactFloor',
  'flushOnBreach',
]);

function unknownNames(config: object): string[] {
  const unknown = Object.keys(config).filter((name) => !OPTION_NAMES.has(name));
  return unknown.map((name) => `${name}: no such option; there are: ${[...OPTION_NAMES].join(', ')}`);
}

function wrongBoolean(name: string, value: unknown): string[] {
  return value === undefined || typeof value === 'boolean'
    ? []
    : [`${name}: ${show(value)} is not a boolean`];
}

function wrongList(name: string, value: unknown, known: readonly unknown[]): string[] {
  if (value === undefined || value === 'all' || value === 'none') return [];
  if (Array.isArray(value) && value.every((one) => known.includes(one))) return [];
  return [`${name}: ${show(value)} is neither 'all', 'none' nor a list of ${known.join(', ')}`];
}

function wrongWindow(value: unknown): string[] {
  const isFine = typeof value === 'number' && value >= 1 && value <= MAX_WINDOW_SECONDS;
  if (value === undefined || isFine) return [];
  return [`windowSeconds: ${show(value)} is not a number from 1 to ${MAX_WINDOW_SECONDS}`];
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
