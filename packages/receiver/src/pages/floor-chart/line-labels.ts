import {
  labelBox,
  overlap,
  PLOT_HEIGHT_PX,
  PLOT_WIDTH_PX,
  textPx,
  WIDE_PLOT_WIDTH_PX,
  type LabelBox,
} from './label-metrics.ts';
import { crosses, crossedVerticals, sectionOf, type LinePoint, type PlotLines } from './plot-lines.ts';

/** Lowest baseline that leaves room for the captures' letters. */
const LOWEST_PX = 186;
/** Distances of a baseline from its line. */
const BELOW_PX = 18;
const ABOVE_PX = 7;
const STEP_RATIO = 0.04;

/** A label at a line; positions are shares of the plot's width and height. */
export interface LineLabel {
  readonly x: number;
  readonly y: number;
  /** The explanation after the name has room, too. */
  readonly long: boolean;
  readonly box: LabelBox;
}

/** Below the floor line, near its middle; null where nothing is free (a legend says it then). */
export function placeFloorLabel(
  lines: PlotLines,
  taken: readonly LabelBox[],
  texts: { readonly name: string; readonly explanation: string },
): LineLabel | null {
  const find = (width: number, long: boolean): LineLabel | undefined =>
    candidates(lines.floor, width, 0.42)
      .map((x) => atLine(x, width, { baselinePx: lowestPx(lines.floor, x, x + width) + BELOW_PX, long }))
      .find(({ box }) => box.bottomPx <= LOWEST_PX && isFree(box, lines, taken));
  const longWidth = (textPx(texts.name) + textPx(texts.explanation)) / WIDE_PLOT_WIDTH_PX;
  return find(longWidth, true) ?? find(textPx(texts.name) / PLOT_WIDTH_PX, false) ?? null;
}

/** Above the line of heap used, near its beginning. */
export function placeUsedLabel(lines: PlotLines, taken: readonly LabelBox[], name: string): LineLabel | null {
  const width = textPx(name) / PLOT_WIDTH_PX;
  const found = candidates(lines.used, width, 0.16)
    .map((x) => atLine(x, width, { baselinePx: highestPx(lines.used, x, x + width) - ABOVE_PX, long: false }))
    .find(({ box }) => box.topPx >= 0 && isFree(box, lines, taken));
  return found ?? null;
}

function atLine(x: number, width: number, label: { baselinePx: number; long: boolean }): LineLabel {
  const { baselinePx, long } = label;
  return { x, y: baselinePx / PLOT_HEIGHT_PX, long, box: labelBox(x, baselinePx, width) };
}

/** Left edges of a label of this width along the line, the nearest to the wish first. */
function candidates(line: readonly LinePoint[], width: number, wish: number): readonly number[] {
  const from = line[0]?.x ?? 1;
  const to = Math.min(1 - width, line.at(-1)?.x ?? 0);
  const count = Math.max(0, Math.floor((to - from) / STEP_RATIO));
  const all = Array.from({ length: count }, (_, index) => from + (index + 0.5) * STEP_RATIO);
  return all.toSorted((a, b) => Math.abs(a - wish) - Math.abs(b - wish));
}

function isFree(box: LabelBox, lines: PlotLines, taken: readonly LabelBox[]): boolean {
  return (
    crossedVerticals(lines, box) === 0 &&
    !crosses(lines.floor, box) &&
    !crosses(lines.used, box) &&
    !taken.some((other) => overlap(box, other))
  );
}

function lowestPx(line: readonly LinePoint[], from: number, to: number): number {
  return Math.max(...sectionOf(line, from, to).map(({ y }) => y)) * PLOT_HEIGHT_PX;
}

function highestPx(line: readonly LinePoint[], from: number, to: number): number {
  return Math.min(...sectionOf(line, from, to).map(({ y }) => y)) * PLOT_HEIGHT_PX;
}
