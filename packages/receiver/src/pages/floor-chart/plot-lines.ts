import type { FloorPoint } from './floor-points.ts';
import { PLOT_HEIGHT_PX, type LabelBox } from './label-metrics.ts';
import type { TimeAxis } from './time-axis.ts';

/** A point of a line; 0 is the left edge and the limit, 1 the right edge and the bottom. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
}

/** What is drawn in the plot and what labels must keep clear of. */
export interface PlotLines {
  readonly floor: readonly LinePoint[];
  readonly used: readonly LinePoint[];
  /** Positions of the vertical lines: alert and captures. */
  readonly verticals: readonly number[];
}

export function plotLines(
  points: readonly FloorPoint[],
  axis: TimeAxis,
  momentsMs: readonly number[],
): PlotLines {
  const line = (ratioOf: (point: FloorPoint) => number | null): readonly LinePoint[] =>
    points.flatMap((point) => {
      const ratio = ratioOf(point);
      return ratio === null ? [] : [{ x: axis.at(point.atMs), y: Math.max(0, 1 - ratio) }];
    });
  return {
    floor: line(({ floorRatio }) => floorRatio),
    used: line(({ heapUsedBytes, limitBytes }) =>
      heapUsedBytes === null ? null : heapUsedBytes / limitBytes,
    ),
    verticals: momentsMs.map((ms) => axis.at(ms)),
  };
}

/** The points between, with one on each side so that the line between two far readings counts. */
export function sectionOf(line: readonly LinePoint[], from: number, to: number): readonly LinePoint[] {
  const before = line.findLastIndex(({ x }) => x <= from);
  const after = line.findIndex(({ x }) => x >= to);
  return line.slice(Math.max(0, before), after === -1 ? undefined : after + 1);
}

/** Whether the line runs through the box. */
export function crosses(line: readonly LinePoint[], box: LabelBox): boolean {
  const [first] = line;
  if (first === undefined || box.to < first.x || box.from > (line.at(-1)?.x ?? 0)) return false;
  const heights = sectionOf(line, box.from, box.to).map(({ y }) => y * PLOT_HEIGHT_PX);
  return Math.min(...heights) < box.bottomPx && Math.max(...heights) > box.topPx;
}

/** How many vertical lines run through the box. */
export function crossedVerticals({ verticals }: PlotLines, box: LabelBox): number {
  return verticals.filter((vertical) => vertical > box.from + 0.01 && vertical < box.to - 0.01).length;
}
