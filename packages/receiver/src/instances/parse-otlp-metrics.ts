import {
  ATTR_BREACH_LEVEL,
  ATTR_ISOLATE,
  ATTR_V8JS_GC_TYPE,
  METRIC_FLOOR_BREACH_DURATION,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_FLOOR_UTILIZATION,
  METRIC_GC_COUNT,
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
  METRIC_HEAP_USED,
} from '@heapfloor/contract/metrics';
import { z } from 'zod';
import { describeIssues } from '../alerts/normalize-alert.ts';
import { ReceiverError } from '../errors.ts';
import type { InstanceReading } from './instance-reading.ts';

/** OTLP/JSON writes 64-bit integers as text, and so do some exporters with all numbers. */
const numeric = z.union([z.number(), z.string()]);

const attribute = z.looseObject({
  key: z.string(),
  value: z.looseObject({ stringValue: z.string().optional() }).optional(),
});

const dataPoint = z.looseObject({
  attributes: z.array(attribute).optional(),
  timeUnixNano: numeric.optional(),
  asInt: numeric.optional(),
  asDouble: numeric.optional(),
});

const points = z.looseObject({
  dataPoints: z.array(dataPoint).default([]),
  aggregationTemporality: numeric.optional(),
});

/** Only gauges and sums: histograms and the like carry nothing that the rule needs, and pass unread. */
const metric = z.looseObject({ name: z.string(), gauge: points.optional(), sum: points.optional() });

/**
 * `ExportMetricsServiceRequest` (`opentelemetry/proto/collector/metrics/v1`) in JSON. Metrics stay unread until the
 * name tells that they are ours: a stranger's odd metric must not lose the batch.
 */
const exportRequest = z.looseObject({
  resourceMetrics: z
    .array(
      z.looseObject({
        resource: z.looseObject({ attributes: z.array(attribute).optional() }).optional(),
        scopeMetrics: z.array(z.looseObject({ metrics: z.array(z.unknown()).default([]) })).default([]),
      }),
    )
    .default([]),
});

export interface ParsedMetrics {
  readonly readings: readonly InstanceReading[];
  /** Data points that were ours and could not be used. */
  readonly rejectedCount: number;
  readonly rejectedReason: string | null;
}

interface Point {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly value: number;
  readonly atMs: number | null;
  readonly isDelta: boolean;
}

/** Number and name of the enum value (`AggregationTemporality`); JSON may carry either. */
const DELTA_TEMPORALITY: readonly unknown[] = [1, '1', 'AGGREGATION_TEMPORALITY_DELTA'];
const OUR_PREFIX = 'heapfloor.';

/** The floor's numbers per process; whatever else the export holds passes unread. */
export function parseOtlpMetrics(body: unknown, receivedAt: Date): ParsedMetrics {
  const parsed = exportRequest.safeParse(body);
  if (!parsed.success) {
    throw new ReceiverError(
      'RECEIVER_PAYLOAD_INVALID',
      `The body is no OTLP/JSON metrics export (${describeIssues(parsed.error)}).`,
    );
  }
  const readings: InstanceReading[] = [];
  let rejectedCount = 0;
  for (const { resource, scopeMetrics } of parsed.data.resourceMetrics) {
    const ours = scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(readPoints));
    if (ours.length === 0) continue;
    const attributes = readAttributes(resource?.attributes);
    for (const isolate of new Set(ours.map(isolateOf))) {
      const itsPoints = ours.filter((point) => isolateOf(point) === isolate);
      const reading = toReading(attributes, itsPoints, receivedAt);
      if (reading === null) rejectedCount += itsPoints.length;
      else readings.push(isolate === '' ? reading : ofIsolate(reading, isolate));
    }
  }
  const rejectedReason = rejectedCount === 0 ? null : 'the resource has no service.instance.id';
  return { readings, rejectedCount, rejectedReason };
}

function readPoints(input: unknown): Point[] {
  const parsed = metric.safeParse(input);
  if (!parsed.success || !parsed.data.name.startsWith(OUR_PREFIX)) return [];
  const { name, gauge, sum } = parsed.data;
  const isDelta = DELTA_TEMPORALITY.includes(sum?.aggregationTemporality);
  return [...(gauge?.dataPoints ?? []), ...(sum?.dataPoints ?? [])].flatMap((point) => {
    const value = Number(point.asInt ?? point.asDouble ?? Number.NaN);
    if (!Number.isFinite(value)) return [];
    const atMs = Number(point.timeUnixNano ?? 0) / 1e6;
    const attributes = readAttributes(point.attributes);
    return [{ name, attributes, value, atMs: atMs > 0 ? atMs : null, isDelta }];
  });
}

function readAttributes(list: readonly z.output<typeof attribute>[] = []): Record<string, string> {
  return Object.fromEntries(
    list.flatMap(({ key, value }) => (value?.stringValue === undefined ? [] : [[key, value.stringValue]])),
  );
}

function toReading(
  resource: Readonly<Record<string, string>>,
  ours: readonly Point[],
  receivedAt: Date,
): InstanceReading | null {
  const instance = resource['service.instance.id'];
  if (instance === undefined || instance === '') return null;
  const service = resource['service.name'] ?? 'unknown_service';
  const namespace = resource['service.namespace'];
  const find = (name: string, attributes: Readonly<Record<string, string>> = {}): Point | undefined =>
    ours.findLast((point) => point.name === name && hasAttributes(point, attributes));
  const floorBytes = find(METRIC_HEAP_FLOOR)?.value ?? null;
  const limitBytes = find(METRIC_HEAP_OLD_LIMIT)?.value ?? null;
  const majorGcCount = find(METRIC_GC_COUNT, { [ATTR_V8JS_GC_TYPE]: 'major' });
  const streak = find(METRIC_FLOOR_BREACH_STREAK, { [ATTR_BREACH_LEVEL]: 'warning' });
  const criticalStreak = find(METRIC_FLOOR_BREACH_STREAK, { [ATTR_BREACH_LEVEL]: 'critical' });
  const newestAtMs = Math.max(...ours.map(({ atMs }) => atMs ?? 0));
  return {
    job: namespace === undefined || namespace === '' ? service : `${namespace}/${service}`,
    instance,
    service,
    version: resource['service.version'] ?? null,
    at: newestAtMs > 0 ? new Date(newestAtMs) : receivedAt,
    floorBytes,
    limitBytes,
    floorRatio: find(METRIC_FLOOR_UTILIZATION)?.value ?? ratio(floorBytes, limitBytes),
    heapUsedBytes: find(METRIC_HEAP_USED)?.value ?? null,
    majorGcCount: majorGcCount?.value ?? null,
    isMajorGcCountDelta: majorGcCount?.isDelta ?? false,
    lastMajorAgeSeconds: find(METRIC_GC_LAST_MAJOR_AGE)?.value ?? null,
    breach:
      streak === undefined
        ? null
        : {
            streak: streak.value,
            criticalStreak: criticalStreak?.value ?? 0,
            durationSeconds: find(METRIC_FLOOR_BREACH_DURATION)?.value ?? 0,
          },
  };
}

/** Empty for the main thread. */
function isolateOf({ attributes }: Point): string {
  return attributes[ATTR_ISOLATE] ?? '';
}

/** A worker thread or a child of a `cluster` that shares its resource: a heap of its own, and no target of ours. */
function ofIsolate(reading: InstanceReading, isolate: string): InstanceReading {
  return { ...reading, instance: `${reading.instance}-${isolate}` };
}

function hasAttributes(point: Point, attributes: Readonly<Record<string, string>>): boolean {
  return Object.entries(attributes).every(([name, value]) => point.attributes[name] === value);
}

function ratio(floorBytes: number | null, limitBytes: number | null): number | null {
  return floorBytes === null || limitBytes === null || limitBytes <= 0 ? null : floorBytes / limitBytes;
}
