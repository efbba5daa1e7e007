import { InstrumentationOptionsError } from './errors.ts';

/** Families of semantic-convention metrics that other packages may export too. */
export const SEMCONV_FAMILIES = ['process', 'eventloop', 'resources'] as const;
export type SemconvFamily = (typeof SEMCONV_FAMILIES)[number];

export interface HeapfloorInstrumentationConfig {
  /** Start at once. Default: true. */
  enabled?: boolean;
  /** Semantic-convention families to export beside our own namespace. Default: `'none'`. */
  semconv?: readonly SemconvFamily[] | 'all' | 'none';
  /** What the event-loop figures look back on, and how often resources are counted. Default: 60. */
  windowSeconds?: number;
  /** Flush the MeterProvider when one more major GC in a row was above the threshold. Default: true. */
  flushOnBreach?: boolean;
}

export interface InstrumentationOptions {
  readonly enabled: boolean;
  readonly families: readonly SemconvFamily[];
  readonly windowMs: number;
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
    ...wrongBoolean('flushOnBreach', config.flushOnBreach),
    ...wrongFamilies(config.semconv),
    ...wrongWindow(config.windowSeconds),
  ];
  if (problems.length > 0) throw new InstrumentationOptionsError(problems);
  return {
    enabled: config.enabled ?? true,
    families: families(config.semconv ?? 'none'),
    windowMs: (config.windowSeconds ?? DEFAULT_WINDOW_SECONDS) * 1000,
    flushOnBreach: config.flushOnBreach ?? true,
  };
}

function families(semconv: readonly SemconvFamily[] | 'all' | 'none'): readonly SemconvFamily[] {
  if (semconv === 'all') return SEMCONV_FAMILIES;
  return semconv === 'none' ? [] : [...new Set(semconv)];
}

const OPTION_NAMES = new Set(['enabled', 'semconv', 'windowSeconds', 'flushOnBreach']);

function unknownNames(config: object): string[] {
  const unknown = Object.keys(config).filter((name) => !OPTION_NAMES.has(name));
  return unknown.map((name) => `${name}: no such option; there are: ${[...OPTION_NAMES].join(', ')}`);
}

function wrongBoolean(name: string, value: unknown): string[] {
  return value === undefined || typeof value === 'boolean'
    ? []
    : [`${name}: ${show(value)} is not a boolean`];
}

function wrongFamilies(value: unknown): string[] {
  if (value === undefined || value === 'all' || value === 'none') return [];
  const known: readonly unknown[] = SEMCONV_FAMILIES;
  if (Array.isArray(value) && value.every((family) => known.includes(family))) return [];
  return [`semconv: ${show(value)} is neither 'all', 'none' nor a list of ${SEMCONV_FAMILIES.join(', ')}`];
}

function wrongWindow(value: unknown): string[] {
  const isFine = typeof value === 'number' && value >= 1 && value <= MAX_WINDOW_SECONDS;
  if (value === undefined || isFine) return [];
  return [`windowSeconds: ${show(value)} is not a number from 1 to ${MAX_WINDOW_SECONDS}`];
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
