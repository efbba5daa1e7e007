/**
 * Numbers and times as every page says them. One place, so that a figure reads the same wherever it stands:
 * MiB with one decimal, thousands separators, a sign on changes, a no-break space before the unit, UTC.
 */

const NBSP = '\u00a0';
const MINUS = '\u2212';
const KIB = 1024;
const MIB = 1024 * 1024;
/** Below it KiB or B say more than `0.0 MiB`. */
const SMALLEST_MIB_BYTES = 0.1 * MIB;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const SIZE_UNITS = { MiB: MIB, KiB: KIB, B: 1 } as const;

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A number with its unit apart, where the page sets the unit in smaller type. */
export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

export type SizeUnit = keyof typeof SIZE_UNITS;

/** `41,208`. */
export function formatCount(count: number): string {
  return count < 0 ? MINUS + whole.format(-count) : whole.format(count);
}

/** `+41,208`, `−12`, `0`. */
export function formatCountDelta(count: number): string {
  return withSign(count, formatCount(Math.abs(count)));
}

/** `37.9 MiB`, `6.2 KiB`, `964 B`. */
export function formatBytes(bytes: number): string {
  const { value, unit } = splitBytes(bytes);
  return `${value}${NBSP}${unit}`;
}

/** `+37.9 MiB`. */
export function formatBytesDelta(bytes: number): string {
  return withSign(bytes, formatBytes(Math.abs(bytes)));
}

/** Number and unit apart: `37.9` and `MiB`. */
export function splitBytes(bytes: number): Quantity {
  const unit = unitOf(bytes, SMALLEST_MIB_BYTES);
  return { value: formatInUnit(bytes, unit), unit };
}

/** The one unit of a table, by its largest value. */
export function tableUnit(bytes: readonly number[]): SizeUnit {
  const largest = bytes.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return largest === 0 ? 'MiB' : unitOf(largest, MIB);
}

/** A size without its unit, for a table that says it once. */
export function formatInUnit(bytes: number, unit: SizeUnit): string {
  const size = Math.abs(bytes) / SIZE_UNITS[unit];
  const text = unit === 'B' ? whole.format(size) : oneDecimal.format(size);
  return bytes < 0 ? MINUS + text : text;
}

/** The same with a sign. */
export function formatDeltaInUnit(bytes: number, unit: SizeUnit): string {
  return withSign(bytes, formatInUnit(Math.abs(bytes), unit));
}

/** A size that one types, in whole MiB: `512`. */
export function formatWholeMiB(bytes: number): string {
  return whole.format(bytes / MIB);
}

/** `94 %`; what is there but rounds to nothing is `< 1 %`. */
export function formatShare(ratio: number): string {
  return ratio > 0 && ratio < 0.005 ? `<${NBSP}1${NBSP}%` : `${formatCount(Math.round(ratio * 100))}${NBSP}%`;
}

/** `31 ms`, `24.8 s`, `6 min 20 s`, `3 d 4 h`; two units at most, an empty second one is left out. */
export function formatDuration(ms: number): string {
  if (ms < 0) return MINUS + formatDuration(-ms);
  if (Math.round(ms) < SECOND_MS) return `${Math.round(ms)}${NBSP}ms`;
  if (Math.round(ms / 100) < 600) {
    return `${ms % SECOND_MS === 0 ? ms / SECOND_MS : oneDecimal.format(ms / SECOND_MS)}${NBSP}s`;
  }
  const seconds = Math.round(ms / SECOND_MS);
  if (seconds < 3600) return pair(seconds, [60, 'min'], [1, 's']);
  const minutes = Math.round(ms / MINUTE_MS);
  return minutes < 24 * 60
    ? pair(minutes, [60, 'h'], [1, 'min'])
    : pair(Math.round(ms / HOUR_MS), [24, 'd'], [1, 'h']);
}

/** A duration that is only guessed: coarser the longer it is, so that it promises no more than it knows. */
export function formatRoughDuration(ms: number): string {
  const steps: readonly [number, number][] = [
    [MINUTE_MS, SECOND_MS],
    [10 * MINUTE_MS, 10 * SECOND_MS],
    [2 * HOUR_MS, MINUTE_MS],
    [10 * HOUR_MS, 5 * MINUTE_MS],
  ];
  const step = steps.find(([below]) => ms < below)?.[1] ?? HOUR_MS;
  return formatDuration(Math.max(1, Math.round(ms / step)) * step);
}

/** A growth by time: `7.8 MiB/min`, by the hour or day where a minute shows nothing. */
export function formatRate(bytesPerMs: number): string {
  const periods: readonly [number, string][] = [
    [MINUTE_MS, 'min'],
    [HOUR_MS, 'h'],
  ];
  const [ms, name] = periods.find(([ms]) => Math.abs(bytesPerMs) * ms >= SMALLEST_MIB_BYTES) ?? [DAY_MS, 'd'];
  return `${formatBytes(bytesPerMs * ms)}/${name}`;
}

/** `6 h ago`, `in 10 min`, `now`. */
export function formatRelative(then: Date, now: Date): string {
  const ms = then.getTime() - now.getTime();
  const span = oneUnit(Math.abs(ms));
  if (span === null) return 'now';
  return ms > 0 ? `in${NBSP}${span}` : `${span}${NBSP}ago`;
}

/** `02:14`. */
export function formatClock(at: Date): string {
  return at.toISOString().slice(11, 16);
}

/** `02:14:46`. */
export function formatClockSeconds(at: Date): string {
  return at.toISOString().slice(11, 19);
}

/** `23 Nov`. */
export function formatDay(at: Date): string {
  return `${at.getUTCDate()}${NBSP}${MONTHS[at.getUTCMonth()]}`;
}

/** `23 Nov 2026 02:14:46 UTC`: for `title`. */
export function formatAbsolute(at: Date): string {
  return `${formatDay(at)} ${at.getUTCFullYear()} ${formatClockSeconds(at)} UTC`;
}

/** Whole days between the calendar days of two times; 0 = the same day, 1 = the day before `now`. */
export function calendarDaysBefore(at: Date, now: Date): number {
  return Math.floor(now.getTime() / DAY_MS) - Math.floor(at.getTime() / DAY_MS);
}

function withSign(value: number, absolute: string): string {
  if (value === 0) return absolute;
  return (value > 0 ? '+' : MINUS) + absolute;
}

function unitOf(bytes: number, smallestMiBBytes: number): SizeUnit {
  const size = Math.abs(bytes);
  if (size >= smallestMiBBytes) return 'MiB';
  return size >= KIB ? 'KiB' : 'B';
}

function pair(amount: number, [size, major]: [number, string], [, minor]: [number, string]): string {
  const rest = amount % size;
  const head = `${Math.floor(amount / size)}${NBSP}${major}`;
  return rest === 0 ? head : `${head}${NBSP}${rest}${NBSP}${minor}`;
}

function oneUnit(ms: number): string | null {
  const units: readonly [number, string][] = [
    [DAY_MS, 'd'],
    [HOUR_MS, 'h'],
    [MINUTE_MS, 'min'],
    [SECOND_MS, 's'],
  ];
  const unit = units.find(([size]) => ms >= size);
  return unit === undefined ? null : `${Math.floor(ms / unit[0])}${NBSP}${unit[1]}`;
}
