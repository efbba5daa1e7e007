import {
  METRIC_FLOOR_BREACH_DURATION,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_GC_COUNT,
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_HEAP_FLOOR,
  METRIC_HEAP_OLD_LIMIT,
  METRIC_HEAP_USED,
} from '@heapfloor/contract/metrics';
import type { InstanceReading } from './instance-reading.ts';

export interface Numbers {
  readonly atMs: number;
  readonly floorBytes: number;
  readonly limitBytes: number;
  readonly heapUsedBytes: number;
  readonly majorGcCount: number;
  readonly lastMajorAgeSeconds: number;
  readonly streak: number;
  readonly criticalStreak: number;
  readonly durationSeconds: number;
}

export const NUMBERS: Numbers = {
  atMs: Date.parse('2026-11-23T02:14:31.000Z'),
  floorBytes: 800,
  limitBytes: 1000,
  heapUsedBytes: 850,
  majorGcCount: 7,
  lastMajorAgeSeconds: 3,
  streak: 2,
  criticalStreak: 0,
  durationSeconds: 15,
};

export const RESOURCE = {
  'service.name': 'shop',
  'service.instance.id': 'shop-1',
  'service.version': '1.4.0',
};

/** One export of one process as the OpenTelemetry SDK writes it in JSON. */
export function buildExport(
  numbers: Partial<Numbers> = {},
  resource: Readonly<Record<string, string>> = RESOURCE,
): Record<string, unknown> {
  const all = { ...NUMBERS, ...numbers };
  const timeUnixNano = `${all.atMs}000000`;
  const point = (value: number, attributes: Readonly<Record<string, string>> = {}): object => ({
    attributes: toAttributes(attributes),
    timeUnixNano,
    ...(Number.isInteger(value) ? { asInt: String(value) } : { asDouble: value }),
  });
  const metrics = [
    { name: METRIC_HEAP_FLOOR, sum: { aggregationTemporality: 2, dataPoints: [point(all.floorBytes)] } },
    {
      name: METRIC_HEAP_OLD_LIMIT,
      sum: {
        aggregationTemporality: 2,
        dataPoints: [point(all.limitBytes, { 'heapfloor.limit.source': 'flag' })],
      },
    },
    { name: METRIC_HEAP_USED, sum: { aggregationTemporality: 2, dataPoints: [point(all.heapUsedBytes)] } },
    {
      name: METRIC_GC_COUNT,
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          point(999, { 'v8js.gc.type': 'minor' }),
          point(all.majorGcCount, { 'v8js.gc.type': 'major' }),
        ],
      },
    },
    { name: METRIC_GC_LAST_MAJOR_AGE, gauge: { dataPoints: [point(all.lastMajorAgeSeconds)] } },
    {
      name: METRIC_FLOOR_BREACH_STREAK,
      gauge: {
        dataPoints: [point(all.streak, level('warning')), point(all.criticalStreak, level('critical'))],
      },
    },
    { name: METRIC_FLOOR_BREACH_DURATION, gauge: { dataPoints: [point(all.durationSeconds)] } },
  ];
  return {
    resourceMetrics: [{ resource: { attributes: toAttributes(resource) }, scopeMetrics: [{ metrics }] }],
  };
}

export function buildReading(differs: Partial<InstanceReading> = {}): InstanceReading {
  return {
    job: 'shop',
    instance: 'shop-1',
    service: 'shop',
    version: '1.4.0',
    at: new Date(NUMBERS.atMs),
    floorBytes: 800,
    limitBytes: 1000,
    floorRatio: 0.8,
    heapUsedBytes: 850,
    majorGcCount: 7,
    isMajorGcCountDelta: false,
    lastMajorAgeSeconds: 3,
    breach: { streak: 2, criticalStreak: 0, durationSeconds: 15 },
    ...differs,
  };
}

function level(value: string): Record<string, string> {
  return { 'heapfloor.breach.level': value };
}

function toAttributes(attributes: Readonly<Record<string, string>>): object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
