import type { CaptureRecord } from '@heapfloor/contract';
import { formatClock, formatClockSeconds } from '../markup/format.ts';
import { captureMarks, groupMarks, type MarkGroup } from './capture-marks.ts';
import { breachPair, toFloorPoints, type FloorPoint } from './floor-points.ts';
import { fitFloorTrend, type FloorTrend } from './floor-trend.ts';
import { createTimeAxis, type TimeAxis } from './time-axis.ts';

/** A forecast farther away than this share of the readings' span would press them together. */
const LONGEST_FORECAST_RATIO = 0.7;
/** Likewise an alert or a capture. */
const LONGEST_MARK_RATIO = 1;
/** A few readings say nothing about the span that is worth seeing; it is at least this. */
const FEW_COUNT = 4;
const FEW_SPAN_MS = 10 * 60_000;
const MIN_SPAN_MS = 60_000;
/** In a shorter chart a clock without seconds would say the same time everywhere. */
const SECONDS_SPAN_MS = 10 * 60_000;

/** All that the chart shows, computed once for its picture, its labels and its description. */
export interface FloorChartModel {
  readonly service: string;
  readonly points: readonly FloorPoint[];
  readonly axis: TimeAxis;
  readonly limitBytes: number;
  readonly pair: readonly [FloorPoint, FloorPoint] | null;
  /** Null where the alert is too far from the readings to be drawn. */
  readonly alertAtMs: number | null;
  readonly marks: readonly MarkGroup[];
  readonly trend: FloorTrend | null;
  /** The forecast reaches the limit within the chart. */
  readonly forecastShown: boolean;
}

/** The model of a record's chart; null without any reading. */
export function createFloorChart(record: CaptureRecord, service: string): FloorChartModel | null {
  const points = toFloorPoints(record.floorSamples);
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  const alertAtMs = Date.parse(record.alert.startsAt);
  const trend = fitFloorTrend(points, alertAtMs);
  const spanMs = Math.max(last.atMs - first.atMs, points.length < FEW_COUNT ? FEW_SPAN_MS : MIN_SPAN_MS);
  const isNear = (ms: number): boolean =>
    ms >= first.atMs - spanMs * LONGEST_MARK_RATIO && ms <= last.atMs + spanMs * LONGEST_MARK_RATIO;
  const marks = captureMarks(record).filter(({ atMs }) => isNear(atMs));
  const forecastShown = trend !== null && trend.fullAtMs - last.atMs <= spanMs * LONGEST_FORECAST_RATIO;
  const axis = createTimeAxis([
    first.atMs,
    last.atMs,
    ...marks.map(({ atMs }) => atMs),
    ...(isNear(alertAtMs) ? [alertAtMs] : []),
    ...(forecastShown ? [trend.fullAtMs] : []),
  ]);
  return {
    service,
    points,
    axis,
    limitBytes: last.limitBytes,
    pair: breachPair(points, alertAtMs),
    alertAtMs: isNear(alertAtMs) ? alertAtMs : null,
    marks: groupMarks(marks, axis),
    trend,
    forecastShown,
  };
}

/** A time as the chart's scale needs it: with seconds where the whole chart is minutes. */
export function clockIn({ axis }: FloorChartModel, atMs: number): string {
  const at = new Date(atMs);
  return axis.toMs - axis.fromMs < SECONDS_SPAN_MS ? formatClockSeconds(at) : formatClock(at);
}
