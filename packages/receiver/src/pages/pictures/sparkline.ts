import { FLOOR_THRESHOLD_RATIO, type CaptureRecord } from '@heapfloor/contract';
import { toFloorPoints, type FloorPoint } from '../floor-chart/floor-points.ts';
import { html, type Html } from '../markup/html.ts';
import { clampRatio, round } from '../markup/svg-length.ts';

const HOUR_MS = 3_600_000;
/** 120 px wide: more points than this cannot be told apart. */
const MAX_POINTS = 40;
const UNITS = 100;
const THRESHOLD_Y = (1 - FLOOR_THRESHOLD_RATIO) * UNITS;

/** The floor in the hour up to the newest reading, dashed at the threshold; null with fewer than two readings. */
export function sparkline({ floorSamples }: CaptureRecord): Html | null {
  const points = lastHour(toFloorPoints(floorSamples));
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return null;
  const spanMs = Math.max(1, last.atMs - first.atMs);
  const at = ({ atMs, floorRatio }: FloorPoint): string =>
    `${round(((atMs - first.atMs) / spanMs) * UNITS)} ${round((1 - clampRatio(floorRatio)) * UNITS)}`;
  return html`<svg
    class="sparkline"
    viewBox="0 0 ${UNITS} ${UNITS}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    <path class="threshold-line" d="M0 ${THRESHOLD_Y}H${UNITS}" />
    <path class="floor-line" d="M${points.map(at).join('L')}" />
    <path class="floor-dots" d="M${at(last)}h0" />
  </svg>`;
}

function lastHour(points: readonly FloorPoint[]): readonly FloorPoint[] {
  const last = points.at(-1);
  const recent = points.filter(({ atMs }) => last !== undefined && atMs >= last.atMs - HOUR_MS);
  const step = Math.max(1, Math.ceil(recent.length / MAX_POINTS));
  return recent.filter((_, index) => index % step === 0 || index === recent.length - 1);
}
