import type { FloorPoint } from './floor-points.ts';

/** Fewer readings fit any line. */
const MIN_POINTS = 4;
/** A fall by more than a quarter is a restart or a release, and ends the rise. */
const FALL_RATIO = 0.75;
/** Share of the variance that the line must explain (R²); below it the floor wanders and a forecast would be a guess. */
const MIN_FIT_RATIO = 0.8;
/** A rise of less than this share of the limit is noise of the readings. */
const MIN_RISE_RATIO = 0.01;

/** The straight rise of the floor that was on at the alert. */
export interface FloorTrend {
  readonly bytesPerMs: number;
  /** The lowest reading, where the rise began. */
  readonly from: FloorPoint;
  /** The newest reading of the rise. */
  readonly last: FloorPoint;
  /** When the line reaches the limit. */
  readonly fullAtMs: number;
  /** From the lowest reading to the limit at this rate: what a restart buys. */
  readonly restartBuysMs: number;
  /** The rise began with a fall that the readings show, so its lowest point is the app's own; else it may be lower. */
  readonly beganWithFall: boolean;
}

/** Least-squares line through the rise at the alert; null when there is none that a line describes. */
export function fitFloorTrend(points: readonly FloorPoint[], alertAtMs: number): FloorTrend | null {
  const rise = riseAt(points, alertAtMs);
  const [from] = rise;
  const last = rise.at(-1);
  if (from === undefined || last === undefined || rise.length < MIN_POINTS) return null;
  const { slope, fitRatio } = fitLine(rise);
  const rose = slope * (last.atMs - from.atMs);
  if (!(fitRatio >= MIN_FIT_RATIO) || rose < MIN_RISE_RATIO * last.limitBytes) return null;
  return {
    bytesPerMs: slope,
    from,
    last,
    fullAtMs: last.atMs + Math.max(0, last.limitBytes - last.floorBytes) / slope,
    restartBuysMs: (last.limitBytes - from.floorBytes) / slope,
    beganWithFall: points.some(
      (point) => point.atMs < from.atMs && from.floorBytes < FALL_RATIO * point.floorBytes,
    ),
  };
}

/** From the lowest reading before the alert on, as long as the floor does not fall. */
function riseAt(points: readonly FloorPoint[], alertAtMs: number): readonly FloorPoint[] {
  const before = points.filter(({ atMs }) => atMs <= alertAtMs);
  const pool = before.length >= MIN_POINTS ? before : points;
  const lowest = Math.min(...pool.map(({ floorBytes }) => floorBytes));
  const start = pool.findLastIndex(({ floorBytes }) => floorBytes === lowest);
  const tail = points.slice(Math.max(start, 0));
  const fall = tail.findIndex((point, index) => {
    const previous = tail[index - 1];
    return previous !== undefined && point.floorBytes < FALL_RATIO * previous.floorBytes;
  });
  return fall === -1 ? tail : tail.slice(0, fall);
}

function fitLine(points: readonly FloorPoint[]): { slope: number; fitRatio: number } {
  const meanX = mean(points.map(({ atMs }) => atMs));
  const meanY = mean(points.map(({ floorBytes }) => floorBytes));
  const deviations = points.map(({ atMs, floorBytes }) => ({ dx: atMs - meanX, dy: floorBytes - meanY }));
  const sxx = sum(deviations.map(({ dx }) => dx * dx));
  const sxy = sum(deviations.map(({ dx, dy }) => dx * dy));
  const syy = sum(deviations.map(({ dy }) => dy * dy));
  return { slope: sxy / sxx, fitRatio: (sxy * sxy) / (sxx * syy) };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
