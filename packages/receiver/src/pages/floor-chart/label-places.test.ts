import { describe, expect, test } from 'vitest';
import { ALERT_AT, atAlert, buildFloorRise } from '../capture-record.fixture.ts';
import { MIB } from '../leak-report.fixture.ts';
import { toFloorPoints } from './floor-points.ts';
import { overlap, type LabelBox } from './label-metrics.ts';
import { placeFloorLabel, placeUsedLabel } from './line-labels.ts';
import { crosses, plotLines, type PlotLines } from './plot-lines.ts';
import { createTimeAxis } from './time-axis.ts';
import { placeSampleLabel, placeThresholdLabel } from './zone-labels.ts';

const LIMIT = 512 * MIB;
const rise = {
  count: 30,
  fromSeconds: -2400,
  toSeconds: 0,
  fromBytes: 100 * MIB,
  toBytes: 410 * MIB,
  limitBytes: LIMIT,
};

/** Shapes that a floor takes: from and to as MiB, of 512. */
const SHAPES: readonly (readonly [string, number, number])[] = [
  ['a rise from low', 60, 420],
  ['a rise from the middle', 200, 430],
  ['a rise near the limit', 400, 500],
  ['a flat floor just above the threshold', 395, 395],
  ['a flat floor just below the threshold', 375, 375],
  ['a flat floor near the bottom', 30, 30],
  ['a fall', 430, 120],
];

function linesOf(fromMiB: number, toMiB: number): PlotLines {
  const points = toFloorPoints(buildFloorRise({ ...rise, fromBytes: fromMiB * MIB, toBytes: toMiB * MIB }));
  const axis = createTimeAxis([...points.map(({ atMs }) => atMs), Date.parse(atAlert(600))]);
  return plotLines(points, axis, [Date.parse(ALERT_AT), Date.parse(atAlert(15)), Date.parse(atAlert(330))]);
}

function placeAll(lines: PlotLines): {
  readonly onLine: readonly LabelBox[];
  readonly all: readonly LabelBox[];
} {
  const threshold = placeThresholdLabel(lines, '75 % of the limit: alert on two samples above').box;
  const floor = placeFloorLabel(lines, [threshold], {
    name: 'floor',
    explanation: ': in use after each major GC',
  });
  const used = placeUsedLabel(lines, floor === null ? [threshold] : [threshold, floor.box], 'heap used');
  const onLine = [floor, used].flatMap((label) => (label === null ? [] : [label.box]));
  const ring = { position: 0.7, floorRatio: 0.77 };
  const sample = placeSampleLabel(ring, '77 %, then 79 %', { lines, taken: [threshold, ...onLine] });
  return { onLine, all: [threshold, ...onLine, sample.box] };
}

describe.each(SHAPES)('on %s', (_, fromMiB, toMiB) => {
  const lines = linesOf(fromMiB, toMiB);
  const { onLine, all } = placeAll(lines);

  test('no label covers another', () => {
    const covered = all.flatMap((a, index) => all.slice(index + 1).filter((b) => overlap(a, b)));
    expect(covered).toEqual([]);
  });

  test('the names of the lines stand beside them and in the plot', () => {
    for (const box of onLine) {
      expect([crosses(lines.floor, box), crosses(lines.used, box)]).toEqual([false, false]);
      expect([box.from >= 0, box.to <= 1, box.topPx >= 0, box.bottomPx <= 216]).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }
  });
});

test('the floor has its explanation where there is room, and its name alone where there is little', () => {
  const wide = placeFloorLabel(linesOf(60, 420), [], {
    name: 'floor',
    explanation: ': in use after each major GC',
  });
  expect(wide?.long).toBe(true);
  const taken = [{ from: 0.3, to: 1, topPx: 0, bottomPx: 216 }];
  const narrow = placeFloorLabel(linesOf(300, 420), taken, {
    name: 'floor',
    explanation: ': in use after each major GC',
  });
  expect(narrow?.long).toBe(false);
  expect(
    placeFloorLabel(linesOf(300, 420), [{ ...taken[0]!, from: 0 }], { name: 'floor', explanation: '' }),
  ).toBeNull();
});
