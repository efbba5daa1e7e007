import { formatClock, formatClockSeconds, formatDay } from '../markup/format.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Steps between ticks that a clock shows as round. */
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR_MS),
  ...[1, 2, 7, 14, 30].map((n) => n * DAY_MS),
];
/** More labels than this touch each other at 620 px. */
const MAX_STEPS = 6;
/** Over more than this the same hour comes twice, and only the day tells them apart. */
const LONGEST_CLOCK_SPAN_MS = 30 * HOUR_MS;
/** A chart of one moment still needs a width. */
const MIN_SPAN_MS = 20 * SECOND_MS;

/** A stretch of time and where its moments stand in it. */
export interface TimeAxis {
  readonly fromMs: number;
  readonly toMs: number;
  /** 0 at the left edge, 1 at the right. */
  at(ms: number): number;
}

export interface TimeTick {
  readonly position: number;
  readonly label: string;
}

/** The axis over all the given moments. */
export function createTimeAxis(momentsMs: readonly number[]): TimeAxis {
  const toMs = momentsMs.reduce((max, ms) => Math.max(max, ms), -Infinity);
  const first = momentsMs.reduce((min, ms) => Math.min(min, ms), Infinity);
  const fromMs = Math.min(first, toMs - MIN_SPAN_MS);
  return { fromMs, toMs, at: (ms) => (ms - fromMs) / (toMs - fromMs) };
}

/** Round times on the axis, seven at most. */
export function timeTicks(axis: TimeAxis): readonly TimeTick[] {
  const span = axis.toMs - axis.fromMs;
  const smallest = span > LONGEST_CLOCK_SPAN_MS ? DAY_MS : 0;
  const stepMs = STEPS_MS.find((step) => step >= smallest && span / step <= MAX_STEPS) ?? span / MAX_STEPS;
  const first = Math.ceil(axis.fromMs / stepMs) * stepMs;
  const count = Math.floor((axis.toMs - first) / stepMs) + 1;
  return Array.from({ length: count }, (_, index) => {
    const ms = first + index * stepMs;
    return { position: axis.at(ms), label: tickLabel(new Date(ms), stepMs) };
  });
}

function tickLabel(at: Date, stepMs: number): string {
  if (stepMs < MINUTE_MS) return formatClockSeconds(at);
  const isMidnight = at.getTime() % DAY_MS === 0;
  return stepMs >= DAY_MS || (isMidnight && stepMs >= HOUR_MS) ? formatDay(at) : formatClock(at);
}
