import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract';
import { html, type Html } from '../markup/html.ts';
import { clampRatio, round } from '../markup/svg-length.ts';
import type { FloorChartModel } from './chart-model.ts';
import type { FloorPoint } from './floor-points.ts';
import type { TimeAxis } from './time-axis.ts';

/** Units of the stretched drawing in both directions. */
const UNITS = 1000;
const THRESHOLD_Y = round((1 - FLOOR_THRESHOLD_RATIO) * UNITS);
/** No line over a hole in the readings: what happened there is not known. In medians of the distance. */
const GAP_MEDIANS = 8;
/** Dots of so many readings would melt into a thick line; they are drawn smaller then. */
const DENSE_COUNT = 120;

/** Lines and areas of the chart; all of it is hidden from screen readers, the description says the same. */
export function plotArea(model: FloorChartModel): Html {
  const { points, axis, trend, forecastShown } = model;
  const stretches = splitAtGaps(points);
  return html`<svg
    class="plot-area"
    viewBox="0 0 ${UNITS} ${UNITS}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    <rect class="threshold-zone" width="${UNITS}" height="${THRESHOLD_Y}" />
    <path class="grid-line" d="M0 ${UNITS / 2}H${UNITS}M0 ${(UNITS * 3) / 4}H${UNITS}" />
    <path class="base-line" d="M0 ${UNITS}H${UNITS}" />
    ${stretches.map((stretch) => linePath('heap-used-line', usedPositions(stretch, axis)))}
    <path class="threshold-line" d="M0 ${THRESHOLD_Y}H${UNITS}" />
    <path class="limit-line" d="M0 0H${UNITS}" />
    ${stretches.map((stretch) => linePath('floor-line', floorPositions(stretch, axis)))}
    ${floorDots(points, axis)}
    ${trend !== null && forecastShown && linePath('projection-line', [position(trend.last, axis), [round(axis.at(trend.fullAtMs) * UNITS), 0]])}
    ${alertLine(model)} ${captureLines(model)}
  </svg>`;
}

type Position = readonly [x: number, y: number];

function splitAtGaps(points: readonly FloorPoint[]): readonly FloorPoint[][] {
  const distances = points.slice(1).map((point, index) => point.atMs - (points[index]?.atMs ?? point.atMs));
  const median = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const stretches: FloorPoint[][] = [];
  points.forEach((point, index) => {
    const isGap = (distances[index - 1] ?? Infinity) > GAP_MEDIANS * median;
    if (isGap || stretches.length === 0) stretches.push([point]);
    else stretches.at(-1)?.push(point);
  });
  return stretches;
}

function position({ atMs, floorRatio }: FloorPoint, axis: TimeAxis): Position {
  return [round(axis.at(atMs) * UNITS), round((1 - clampRatio(floorRatio)) * UNITS)];
}

function floorPositions(points: readonly FloorPoint[], axis: TimeAxis): readonly Position[] {
  return points.map((point) => position(point, axis));
}

/** Heap used can be above the old-space limit; it is drawn at the limit then. */
function usedPositions(points: readonly FloorPoint[], axis: TimeAxis): readonly Position[] {
  return points.flatMap(({ atMs, heapUsedBytes, limitBytes }) =>
    heapUsedBytes === null
      ? []
      : [
          [
            round(axis.at(atMs) * UNITS),
            round((1 - clampRatio(heapUsedBytes / limitBytes)) * UNITS),
          ] as const,
        ],
  );
}

function linePath(className: string, positions: readonly Position[]): Html | null {
  const [first, ...rest] = positions;
  if (first === undefined || rest.length === 0) return null;
  const d = `M${first.join(' ')}${rest.map((to) => `L${to.join(' ')}`).join('')}`;
  return html`<path class="${className}" d="${d}" />`;
}

function floorDots(points: readonly FloorPoint[], axis: TimeAxis): Html {
  const dense = points.length > DENSE_COUNT ? ' floor-dots-dense' : '';
  const d = floorPositions(points, axis).map((at) => `M${at.join(' ')}h0`);
  return html`<path class="floor-dots${dense}" d="${d.join('')}" />`;
}

function alertLine({ alertAtMs, points, axis }: FloorChartModel): Html | null {
  if (alertAtMs === null) return null;
  return html`<path
    class="alert-line"
    d="M${round(axis.at(alertAtMs) * UNITS)} 0V${floorY(points, alertAtMs)}"
  />`;
}

function captureLines({ marks, points, axis }: FloorChartModel): Html | null {
  const moments = marks.flatMap((group) => group.marks.map(({ atMs }) => atMs));
  if (moments.length === 0) return null;
  const d = moments.map((ms) => `M${round(axis.at(ms) * UNITS)} ${floorY(points, ms)}V${UNITS}`);
  return html`<path class="capture-line" d="${d.join('')}" />`;
}

/** Height of the floor line at a moment, between two readings on the straight line. */
function floorY(points: readonly FloorPoint[], atMs: number): number {
  const before = points.findLast((point) => point.atMs <= atMs) ?? points[0];
  const after = points.find((point) => point.atMs >= atMs) ?? before;
  if (before === undefined || after === undefined) return UNITS;
  const span = after.atMs - before.atMs;
  const share = span > 0 ? clampRatio((atMs - before.atMs) / span) : 0;
  const ratio = before.floorRatio + (after.floorRatio - before.floorRatio) * share;
  return round((1 - clampRatio(ratio)) * UNITS);
}
