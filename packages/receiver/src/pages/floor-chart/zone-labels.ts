import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract';
import {
  labelBox,
  overlap,
  PLOT_HEIGHT_PX,
  PLOT_WIDTH_PX,
  textPx,
  WIDE_PLOT_WIDTH_PX,
  type LabelBox,
} from './label-metrics.ts';
import { crossedVerticals, crosses, type PlotLines } from './plot-lines.ts';

const THRESHOLD_PX = (1 - FLOOR_THRESHOLD_RATIO) * PLOT_HEIGHT_PX;
const INSET_PX = 6;
/** Baselines of the samples' label: two in the zone, two below it. */
const ROWS_PX = [19, 36, 74, 92] as const;
/** What a place costs: being cut, or hiding another label, the floor, heap used, a vertical line. */
const COST = { cut: 16, label: 8, floor: 6, used: 2, vertical: 2 } as const;

/** A label in or at the threshold zone. */
export interface ZoneLabel {
  readonly anchor: 'start' | 'end';
  readonly baselinePx: number;
  readonly box: LabelBox;
}

/** The rule in words at the threshold line: above or below it, at the left or the right, where least is hidden. */
export function placeThresholdLabel(lines: PlotLines, text: string): ZoneLabel & { readonly dy: number } {
  const width = textPx(text) / WIDE_PLOT_WIDTH_PX;
  const inset = INSET_PX / WIDE_PLOT_WIDTH_PX;
  const places = [-6, 15].flatMap((dy) =>
    (['start', 'end'] as const).map((anchor) => ({
      anchor,
      dy,
      baselinePx: THRESHOLD_PX + dy,
      box: labelBox(anchor === 'start' ? inset : 1 - inset - width, THRESHOLD_PX + dy, width),
    })),
  );
  return cheapest(places, ({ box }) => costOf(box, lines, []));
}

/** The label of the two samples: near the first ring, in the row and on the side where least is hidden. */
export function placeSampleLabel(
  ring: { readonly position: number; readonly floorRatio: number },
  text: string,
  surroundings: { readonly lines: PlotLines; readonly taken: readonly LabelBox[] },
): ZoneLabel & { readonly leaderFromPx: number | null } {
  const ringPx = Math.max(0, 1 - ring.floorRatio) * PLOT_HEIGHT_PX;
  const width = textPx(text) / PLOT_WIDTH_PX;
  const places = ROWS_PX.flatMap((baselinePx) =>
    (['end', 'start'] as const).map((anchor) => ({
      anchor,
      baselinePx,
      box: labelBox(anchor === 'end' ? ring.position - width : ring.position, baselinePx, width),
      leaderFromPx: leaderStart(baselinePx, ringPx),
    })),
  );
  const { lines, taken } = surroundings;
  return cheapest(
    places,
    ({ box, baselinePx }) => costOf(box, lines, taken) + Math.abs(ringPx - baselinePx) / 100,
  );
}

/** Where a short line to the ring begins: below the label or above it; null where they touch. */
function leaderStart(baselinePx: number, ringPx: number): number | null {
  if (ringPx > baselinePx + 10) return baselinePx + 4;
  return ringPx < baselinePx - 24 ? baselinePx - 12 : null;
}

function costOf(box: LabelBox, lines: PlotLines, taken: readonly LabelBox[]): number {
  const isCut = box.from < -0.02 || box.to > 1.02;
  const labels = taken.filter((other) => overlap(box, other)).length;
  return (
    (isCut ? COST.cut : 0) +
    (crosses(lines.floor, box) ? COST.floor : 0) +
    (crosses(lines.used, box) ? COST.used : 0) +
    labels * COST.label +
    crossedVerticals(lines, box) * COST.vertical
  );
}

/** The first of the cheapest. */
function cheapest<Place>(places: readonly Place[], costOfPlace: (place: Place) => number): Place {
  const costs = places.map(costOfPlace);
  const best = places[costs.indexOf(Math.min(...costs))];
  if (best === undefined) throw new RangeError('a label needs a place');
  return best;
}
