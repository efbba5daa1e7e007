import type { MetricDeclaration } from '@heapfloor/contract/metrics';

/** One data point to push. */
export interface PushedPoint {
  readonly metric: MetricDeclaration;
  readonly value: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** AggregationTemporality of opentelemetry-proto `metrics.proto`; Prometheus refuses delta. */
const CUMULATIVE = 2;

/**
 * Sends points as one export of one process, in OTLP's JSON form, as an SDK would.
 * @throws when the server does not take them.
 */
export async function pushMetrics(
  otlpHttpUrl: string,
  resource: Readonly<Record<string, string>>,
  points: readonly PushedPoint[],
): Promise<void> {
  const response = await fetch(`${otlpHttpUrl}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(exportRequest(resource, points, Date.now())),
  });
  if (!response.ok)
    throw new Error(`OTLP push answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
  await response.body?.cancel();
}

function exportRequest(
  resource: Readonly<Record<string, string>>,
  points: readonly PushedPoint[],
  atMs: number,
): object {
  const metrics = points.map(({ metric, value, attributes = {} }) => ({
    name: metric.name,
    unit: metric.unit,
    ...metricData(metric, value, { timeUnixNano: `${atMs}000000`, attributes: keyValues(attributes) }),
  }));
  return {
    resourceMetrics: [
      {
        resource: { attributes: keyValues(resource) },
        scopeMetrics: [{ scope: { name: 'pipeline-smoke' }, metrics }],
      },
    ],
  };
}

/** An up-down counter travels as a sum that is not monotonic; a histogram has as many values of 1 as the value says. */
function metricData({ instrument }: MetricDeclaration, value: number, at: object): object {
  if (instrument === 'histogram') {
    const point = {
      ...at,
      count: String(value),
      sum: value,
      bucketCounts: [String(value), '0'],
      explicitBounds: [1],
    };
    return { histogram: { dataPoints: [point], aggregationTemporality: CUMULATIVE } };
  }
  const point = { ...at, asDouble: value };
  if (instrument === 'gauge') return { gauge: { dataPoints: [point] } };
  return {
    sum: { dataPoints: [point], isMonotonic: instrument === 'counter', aggregationTemporality: CUMULATIVE },
  };
}

function keyValues(values: Readonly<Record<string, string>>): object[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
