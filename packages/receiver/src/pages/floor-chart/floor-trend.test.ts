import { expect, test } from 'vitest';
import { ALERT_AT, buildFloorRise } from '../capture-record.fixture.ts';
import { MIB } from '../leak-report.fixture.ts';
import { breachPair, toFloorPoints } from './floor-points.ts';
import { fitFloorTrend } from './floor-trend.ts';

const ALERT_MS = Date.parse(ALERT_AT);
const MINUTE_MS = 60_000;
/** 10 MiB a minute, from 100 to 400 of 500 MiB, in the 30 min before the alert. */
const rise = {
  count: 31,
  fromSeconds: -1800,
  toSeconds: 0,
  fromBytes: 100 * MIB,
  toBytes: 400 * MIB,
  limitBytes: 500 * MIB,
};

test('a straight rise gives its slope, the time of the limit and what a restart buys', () => {
  const trend = fitFloorTrend(toFloorPoints(buildFloorRise(rise)), ALERT_MS);
  expect((trend?.bytesPerMs ?? 0) * MINUTE_MS).toBeCloseTo(10 * MIB, 3);
  expect(((trend?.fullAtMs ?? 0) - ALERT_MS) / MINUTE_MS).toBeCloseTo(10, 6);
  expect((trend?.restartBuysMs ?? 0) / MINUTE_MS).toBeCloseTo(40, 6);
  expect(trend?.beganWithFall).toBe(false);
});

test('the rise begins at the fall of the last restart', () => {
  const before = buildFloorRise({
    ...rise,
    count: 6,
    fromSeconds: -3600,
    toSeconds: -1860,
    fromBytes: 300 * MIB,
    toBytes: 300 * MIB,
  });
  const trend = fitFloorTrend(toFloorPoints([...before, ...buildFloorRise(rise)]), ALERT_MS);
  expect(trend?.from.floorBytes).toBe(100 * MIB);
  expect((trend?.bytesPerMs ?? 0) * MINUTE_MS).toBeCloseTo(10 * MIB, 3);
  expect(trend?.beganWithFall).toBe(true);
});

test('a restart after the alert ends the rise and is no part of it', () => {
  const after = buildFloorRise({
    ...rise,
    count: 10,
    fromSeconds: 60,
    toSeconds: 600,
    fromBytes: 60 * MIB,
    toBytes: 60 * MIB,
  });
  const trend = fitFloorTrend(toFloorPoints([...buildFloorRise(rise), ...after]), ALERT_MS);
  expect(trend?.last.floorBytes).toBe(400 * MIB);
});

test.each([
  ['three readings', buildFloorRise({ ...rise, count: 3 })],
  ['a flat floor', buildFloorRise({ ...rise, toBytes: 100 * MIB })],
  ['a falling floor', buildFloorRise({ ...rise, fromBytes: 400 * MIB, toBytes: 320 * MIB })],
  ['no reading', []],
  [
    'a wandering floor',
    buildFloorRise(rise).map((sample, index) => ({
      ...sample,
      floorBytes: (300 + ((index * 37) % 60)) * MIB,
    })),
  ],
])('%s gives no forecast', (_, samples) => {
  expect(fitFloorTrend(toFloorPoints(samples), ALERT_MS)).toBeNull();
});

test('the pair is the first of the streak that was on at the alert, and the last up to it', () => {
  const pair = breachPair(toFloorPoints(buildFloorRise(rise)), ALERT_MS);
  // 75 % of 500 MiB is 375 MiB: 380 is the first above.
  expect(pair?.map(({ floorBytes }) => Math.round(floorBytes / MIB))).toEqual([380, 400]);
});

test('a dip below the threshold begins a new streak', () => {
  const [first, second, third, fourth] = buildFloorRise({ ...rise, count: 4, fromBytes: 380 * MIB });
  if (!first || !second || !third || !fourth) throw new Error('four readings are needed');
  const points = toFloorPoints([first, { ...second, floorBytes: 370 * MIB }, third, fourth]);
  const pair = breachPair(points, ALERT_MS);
  expect(pair?.map(({ atMs }) => atMs)).toEqual([Date.parse(third.at), ALERT_MS]);
});

test('exactly 75 % is no breach', () => {
  const points = toFloorPoints(buildFloorRise({ ...rise, fromBytes: 375 * MIB, toBytes: 375 * MIB }));
  expect(breachPair(points, ALERT_MS)).toBeNull();
});

test('an alert that is stamped before both takes the first streak of two', () => {
  const pair = breachPair(toFloorPoints(buildFloorRise(rise)), ALERT_MS - 20 * MINUTE_MS);
  expect(pair?.map(({ floorBytes }) => Math.round(floorBytes / MIB))).toEqual([380, 390]);
});
