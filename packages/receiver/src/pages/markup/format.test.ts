import { describe, expect, test } from 'vitest';
import {
  calendarDaysBefore,
  formatAbsolute,
  formatBytes,
  formatBytesDelta,
  formatClock,
  formatClockSeconds,
  formatCount,
  formatCountDelta,
  formatDay,
  formatDeltaInUnit,
  formatDuration,
  formatInUnit,
  formatRate,
  formatRelative,
  formatRoughDuration,
  formatShare,
  formatWholeMiB,
  splitBytes,
  tableUnit,
} from './format.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Tables are written with plain blanks; pages have no-break ones before every unit. */
const withNbsp = (text: string): string => text.replaceAll(' ', '\u00a0');

describe('sizes', () => {
  test.each([
    [0, '0 B'],
    [964, '964 B'],
    [1023, '1,023 B'],
    [1024, '1.0 KiB'],
    [6.2 * KIB, '6.2 KiB'],
    [0.1 * MIB, '0.1 MiB'],
    [37.9 * MIB, '37.9 MiB'],
    [3244.2 * MIB, '3,244.2 MiB'],
    [-2 * MIB, '−2.0 MiB'],
  ])('formatBytes(%d) is %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(withNbsp(expected));
  });

  test.each([
    [37.9 * MIB, '+37.9 MiB'],
    [-964, '−964 B'],
    [0, '0 B'],
  ])('formatBytesDelta(%d) is %s', (bytes, expected) => {
    expect(formatBytesDelta(bytes)).toBe(withNbsp(expected));
  });

  test('splits number and unit', () => {
    expect(splitBytes(37.9 * MIB)).toEqual({ value: '37.9', unit: 'MiB' });
  });

  test('says whole what one types', () => {
    expect(formatWholeMiB(4269 * MIB)).toBe('4,269');
  });

  test('gives a table the unit of its largest value, and says it nowhere else', () => {
    expect([tableUnit([12, -3 * MIB]), tableUnit([0.9 * MIB]), tableUnit([12]), tableUnit([])]).toEqual([
      'MiB',
      'KiB',
      'B',
      'MiB',
    ]);
    expect([formatInUnit(512 * KIB, 'MiB'), formatInUnit(-2.5 * KIB, 'KiB'), formatInUnit(12, 'B')]).toEqual([
      '0.5',
      '−2.5',
      '12',
    ]);
    expect([formatDeltaInUnit(4.7 * MIB, 'MiB'), formatDeltaInUnit(0, 'MiB')]).toEqual(['+4.7', '0.0']);
  });
});

describe('counts and shares', () => {
  test.each([
    [41_208, '41,208', '+41,208'],
    [0, '0', '0'],
    [-1200, '−1,200', '−1,200'],
  ])('%d is %s, as a change %s', (count, plain, delta) => {
    expect([formatCount(count), formatCountDelta(count)]).toEqual([plain, delta]);
  });

  test.each([
    [0.94, '94 %'],
    [1.04, '104 %'],
    [0, '0 %'],
    [0.004, '< 1 %'],
    [0.005, '1 %'],
    [-0.1, '−10 %'],
  ])('formatShare(%d) is %s', (ratio, expected) => {
    expect(formatShare(ratio)).toBe(withNbsp(expected));
  });
});

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [31, '31 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1000, '1 s'],
    [24_800, '24.8 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [30 * MINUTE, '30 min'],
    [6 * MINUTE + 20 * SECOND, '6 min 20 s'],
    [HOUR - 400, '1 h'],
    [2 * HOUR + 35 * MINUTE, '2 h 35 min'],
    [DAY - 20 * SECOND, '1 d'],
    [76 * HOUR, '3 d 4 h'],
    [-31, '−31 ms'],
  ])('formatDuration(%d) is %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(withNbsp(expected));
  });

  test.each([
    [200, '1 s'],
    [48_300, '48 s'],
    [84_000, '1 min 20 s'],
    [55 * MINUTE + 20 * SECOND, '55 min'],
    [2 * HOUR + 33 * MINUTE, '2 h 35 min'],
    [11 * HOUR + 40 * MINUTE, '12 h'],
    [76 * HOUR + 12 * MINUTE, '3 d 4 h'],
  ])('formatRoughDuration(%d) promises no more than %s', (ms, expected) => {
    expect(formatRoughDuration(ms)).toBe(withNbsp(expected));
  });

  test.each([
    [(7.8 * MIB) / MINUTE, '7.8 MiB/min'],
    [(3 * MIB) / HOUR, '3.0 MiB/h'],
    [(2 * MIB) / DAY, '2.0 MiB/d'],
  ])('formatRate(%d) is %s', (bytesPerMs, expected) => {
    expect(formatRate(bytesPerMs)).toBe(withNbsp(expected));
  });
});

describe('times', () => {
  const now = new Date('2026-11-23T08:44:08.000Z');

  test.each([
    [0, 'now'],
    [-6 * SECOND, '6 s ago'],
    [-59 * MINUTE, '59 min ago'],
    [-6.9 * HOUR, '6 h ago'],
    [-12 * DAY, '12 d ago'],
    [10 * MINUTE, 'in 10 min'],
  ])('%d ms from now is %s', (ms, expected) => {
    expect(formatRelative(new Date(now.getTime() + ms), now)).toBe(withNbsp(expected));
  });

  test('are told in UTC', () => {
    const at = new Date('2026-11-23T03:14:46+01:00');
    expect([formatClock(at), formatClockSeconds(at), formatDay(at), formatAbsolute(at)]).toEqual([
      '02:14',
      '02:14:46',
      withNbsp('23 Nov'),
      `${withNbsp('23 Nov')} 2026 02:14:46 UTC`,
    ]);
  });

  test('know the calendar day, not the 24 hours', () => {
    const days = ['2026-11-23T00:00:00Z', '2026-11-22T23:59:59Z', '2026-11-21T08:44:08Z'];
    expect(days.map((at) => calendarDaysBefore(new Date(at), now))).toEqual([0, 1, 2]);
  });
});
