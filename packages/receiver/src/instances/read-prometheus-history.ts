import type { FloorSample } from '@heapfloor/contract';
import {
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
  METRIC_HEAP_USED,
  OWN_METRICS,
} from '@heapfloor/contract/metrics';
import { prometheusName } from '@heapfloor/mixin';
import { z } from 'zod';
import { ReceiverError } from '../errors.ts';
import type { InstanceIdentity } from './instance-reading.ts';

/** `GET /api/v1/query_range` (prometheus.io/docs/prometheus/latest/querying/api). */
const rangeAnswer = z.looseObject({
  status: z.literal('success'),
  data: z.looseObject({
    result: z.array(z.looseObject({ values: z.array(z.tuple([z.number(), z.string()])) })),
  }),
});

/** Time before the alert that the chart shows. Unit: s. */
const LOOKBACK_SECONDS = 3600;
/** 240 points an hour: below Prometheus' limit and finer than most exports. Unit: s. */
const STEP_SECONDS = 15;
const TIMEOUT_MS = 10_000;
/** Ages that point to the same GC differ by the export's delay only. Unit: s. */
const SAME_GC_SECONDS = 1;

export interface HistoryQuery {
  readonly prometheusUrl: string;
  readonly identity: Partial<InstanceIdentity>;
  readonly startsAt: Date;
  readonly now: Date;
}

/** Floor samples of an instance from Prometheus, one per major GC, oldest first. */
export async function readPrometheusHistory(query: HistoryQuery): Promise<FloorSample[]> {
  const [floor, limit, used, age] = await Promise.all(
    [METRIC_HEAP_FLOOR, METRIC_HEAP_OLD_LIMIT, METRIC_HEAP_USED, METRIC_GC_LAST_MAJOR_AGE].map(async (name) =>
      readRange(name, query),
    ),
  );
  return toSamples({
    floor: floor ?? new Map(),
    limit: limit ?? new Map(),
    used: used ?? new Map(),
    age: age ?? new Map(),
  });
}

type Series = ReadonlyMap<number, number>;

/** A stored floor is repeated until the next GC; time minus age tells one GC from the next. */
function toSamples({
  floor,
  limit,
  used,
  age,
}: Record<'floor' | 'limit' | 'used' | 'age', Series>): FloorSample[] {
  const samples: FloorSample[] = [];
  let previousGcAt = Number.NEGATIVE_INFINITY;
  for (const [at, floorBytes] of floor) {
    const limitBytes = limit.get(at);
    const gcAt = at - (age.get(at) ?? 0);
    if (limitBytes === undefined || gcAt - previousGcAt <= SAME_GC_SECONDS) continue;
    previousGcAt = gcAt;
    samples.push({
      at: new Date(gcAt * 1000).toISOString(),
      floorBytes,
      limitBytes,
      heapUsedBytes: used.get(at) ?? null,
    });
  }
  return samples;
}

async function readRange(metricName: string, query: HistoryQuery): Promise<Series> {
  const url = new URL('api/v1/query_range', withTrailingSlash(query.prometheusUrl));
  url.search = new URLSearchParams({
    query: `max(${seriesName(metricName)}{${selector(query.identity)}})`,
    start: String(query.startsAt.getTime() / 1000 - LOOKBACK_SECONDS),
    end: String(query.now.getTime() / 1000),
    step: String(STEP_SECONDS),
  }).toString();
  const answer = rangeAnswer.safeParse(await readJson(url));
  if (!answer.success) throw prometheusError(url, 'the answer is no range', answer.error);
  return new Map(answer.data.data.result[0]?.values.map(([at, value]) => [at, Number(value)]));
}

async function readJson(url: URL): Promise<unknown> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (error) {
    throw prometheusError(url, (error as Error).message, error);
  }
}

function seriesName(metricName: string): string {
  const declaration = OWN_METRICS.find(({ name }) => name === metricName);
  if (declaration === undefined) throw new Error(`${metricName} is not declared`);
  return prometheusName(declaration);
}

/** Label values are a stranger's text: quoted as PromQL wants it. */
function selector(identity: Partial<InstanceIdentity>): string {
  return Object.entries(identity)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
}

function withTrailingSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

function prometheusError(url: URL, what: string, cause: unknown): ReceiverError {
  return new ReceiverError(
    'RECEIVER_PROMETHEUS',
    `${url.origin} gave no floor history (${what}). Check prometheusUrl.`,
    { cause },
  );
}
