/*
 * A server knows no font and no screen, so widths are reckoned at 12 px text on a phone's plot: what has room there has
 * room on every wider one.
 */

/** Of a phone's plot (390 px), the narrowest on which every label is shown. */
export const PLOT_WIDTH_PX = 320;
export const PLOT_HEIGHT_PX = 216;
/** Of the plot at a desk, where labels are longer. */
export const WIDE_PLOT_WIDTH_PX = 620;
export const GAP_PX = 8;
const CHAR_PX = 7;
/** A label covers this much above its baseline, and a little below. */
const ASCENT_PX = 11;
const DESCENT_PX = 3;

/** The place of a label: across as shares of the plot's width, down as px from the limit line. */
export interface LabelBox {
  readonly from: number;
  readonly to: number;
  readonly topPx: number;
  readonly bottomPx: number;
}

/** Width of a label, rather too much than too little. */
export function textPx(text: string): number {
  return text.length * CHAR_PX;
}

/** The box of a text whose left edge and baseline are known. */
export function labelBox(from: number, baselinePx: number, width: number): LabelBox {
  return { from, to: from + width, topPx: baselinePx - ASCENT_PX, bottomPx: baselinePx + DESCENT_PX };
}

export function overlap(a: LabelBox, b: LabelBox): boolean {
  return a.from < b.to && b.from < a.to && a.topPx < b.bottomPx && b.topPx < a.bottomPx;
}
