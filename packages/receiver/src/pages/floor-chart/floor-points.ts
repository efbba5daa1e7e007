import { FLOOR_THRESHOLD_RATIO, type CaptureRecord, type FloorSample } from '@heapfloor/contract';

/** A floor reading with its time as a number. */
export interface FloorPoint {
  readonly atMs: number;
  readonly floorBytes: number;
  readonly limitBytes: number;
  readonly heapUsedBytes: number | null;
  /** floor / limit of the same reading. Unit: 1. */
  readonly floorRatio: number;
}

/** The readings in order of time, without those that have no limit to be measured by. */
export function toFloorPoints(samples: readonly FloorSample[]): readonly FloorPoint[] {
  return samples
    .filter(({ limitBytes }) => limitBytes > 0)
    .map((sample) => ({
      atMs: Date.parse(sample.at),
      floorBytes: sample.floorBytes,
      limitBytes: sample.limitBytes,
      heapUsedBytes: sample.heapUsedBytes,
      floorRatio: sample.floorBytes / sample.limitBytes,
    }))
    .toSorted((a, b) => a.atMs - b.atMs);
}

/** Highest floor that the alert or a reading up to it tells; null when nobody said. Unit: 1. */
export function floorRatioAtAlert(record: CaptureRecord): number | null {
  if (record.alert.floorRatio !== null) return record.alert.floorRatio;
  const points = toFloorPoints(record.floorSamples);
  const before = points.findLast(({ atMs }) => atMs <= Date.parse(record.alert.startsAt));
  return (before ?? points.at(-1))?.floorRatio ?? null;
}

/**
 * The readings that made the alert: the first above the threshold and the last one up to the alert, of the streak
 * that was on when it fired. When the alert is stamped before both (clocks differ), the first streak of two counts.
 */
export function breachPair(
  points: readonly FloorPoint[],
  alertAtMs: number,
): readonly [FloorPoint, FloorPoint] | null {
  const streaks = breachStreaks(points);
  const on = streaks.findLast((streak) => (streak[0]?.atMs ?? Infinity) <= alertAtMs);
  return (
    pairOf(on?.filter(({ atMs }) => atMs <= alertAtMs)) ??
    pairOf(streaks.find(({ length }) => length > 1)?.slice(0, 2))
  );
}

function breachStreaks(points: readonly FloorPoint[]): FloorPoint[][] {
  const streaks: FloorPoint[][] = [];
  let above = false;
  for (const point of points) {
    const breaches = point.floorRatio > FLOOR_THRESHOLD_RATIO;
    if (breaches && above) streaks.at(-1)?.push(point);
    if (breaches && !above) streaks.push([point]);
    above = breaches;
  }
  return streaks;
}

function pairOf(streak: readonly FloorPoint[] | undefined): readonly [FloorPoint, FloorPoint] | null {
  const [first] = streak ?? [];
  const last = streak?.at(-1);
  return first === undefined || last === undefined || first === last ? null : [first, last];
}
