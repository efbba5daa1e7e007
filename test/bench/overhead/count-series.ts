import { readFields, type Field } from './protobuf-fields.ts';

interface WirePoint {
  readonly bucketCounts?: readonly unknown[];
}

interface WireMetric {
  readonly gauge?: { readonly dataPoints: readonly WirePoint[] };
  readonly sum?: { readonly dataPoints: readonly WirePoint[] };
  readonly histogram?: { readonly dataPoints: readonly WirePoint[] };
}

interface WireRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly WireMetric[] }[];
  }[];
}

/** `_sum` and `_count`; the last bucket is `le="+Inf"`. */
const HISTOGRAM_EXTRA = 2;

/** How many series Prometheus makes of one OTLP request. */
export function countSeries(body: Buffer, contentType: string): number {
  return contentType.startsWith('application/json') ? countJson(body) : countProtobuf(body);
}

/** How many series a scrape in Prometheus' text format has. */
export function countScrape(text: string): number {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

function countJson(body: Buffer): number {
  const { resourceMetrics } = JSON.parse(body.toString()) as WireRequest;
  const scopes = resourceMetrics.flatMap((resource) => resource.scopeMetrics);
  const counts = scopes.flatMap(({ metrics }) => metrics).map(countJsonMetric);
  return sum(counts);
}

function countJsonMetric({ gauge, sum: total, histogram }: WireMetric): number {
  const points = histogram?.dataPoints ?? [];
  const ofHistogram = points.map(({ bucketCounts = [] }) => bucketCounts.length + HISTOGRAM_EXTRA);
  return (gauge ?? total)?.dataPoints.length ?? sum(ofHistogram);
}

/** Field numbers of opentelemetry/proto/metrics/v1/metrics.proto (v1.7.0). */
const RESOURCE_METRICS = 1;
const SCOPE_METRICS = 2;
const METRICS = 2;
const GAUGE = 5;
const SUM = 7;
const HISTOGRAM = 9;
const DATA_POINTS = 1;
const BUCKET_COUNTS = 6;
/** `repeated fixed64`, packed. */
const BUCKET_BYTES = 8;

function countProtobuf(body: Buffer): number {
  const metrics = [RESOURCE_METRICS, SCOPE_METRICS, METRICS].reduce<Buffer[]>(
    (messages, number) => messages.flatMap((message) => inside(message, number)),
    [body],
  );
  return sum(metrics.map(countProtobufMetric));
}

function countProtobufMetric(metric: Buffer): number {
  const points = [GAUGE, SUM]
    .flatMap((kind) => inside(metric, kind))
    .flatMap((data) => inside(data, DATA_POINTS));
  const histograms = inside(metric, HISTOGRAM).flatMap((data) => inside(data, DATA_POINTS));
  const ofHistogram = histograms.map((point) => {
    const bytes = sum(inside(point, BUCKET_COUNTS).map((packed) => packed.length));
    return bytes / BUCKET_BYTES + HISTOGRAM_EXTRA;
  });
  return points.length + sum(ofHistogram);
}

function inside(message: Buffer, number: number): Buffer[] {
  return readFields(message)
    .filter((field: Field) => field.number === number)
    .map(({ bytes }) => bytes);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
