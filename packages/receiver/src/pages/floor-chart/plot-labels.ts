import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract';
import { formatBytes, formatShare } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { clampRatio, percent } from '../markup/svg-length.ts';
import { clockIn, type FloorChartModel } from './chart-model.ts';
import { PLOT_WIDTH_PX, textPx } from './label-metrics.ts';
import { placeFloorLabel, placeUsedLabel, type LineLabel } from './line-labels.ts';
import { plotLines, type PlotLines } from './plot-lines.ts';
import { placeTopRow, type TopRow } from './top-row.ts';
import { placeSampleLabel, placeThresholdLabel, type ZoneLabel } from './zone-labels.ts';

const FLOOR_NAME = 'floor';
const FLOOR_EXPLANATION = ': in use after each major GC';
const THRESHOLD_NAME = formatShare(FLOOR_THRESHOLD_RATIO);
const THRESHOLD_EXPLANATION = ' of the limit: alert on two samples above';
const USED_NAME = 'heap used';

interface PlotLabels {
  readonly inPlot: Html;
  /** For the names that found no room in the plot. */
  readonly legend: Html | null;
}

/** Every word in the plot, at the data; a legend only where that is not possible. */
export function plotLabels(model: FloorChartModel): PlotLabels {
  const lines = plotLines(model.points, model.axis, momentsOf(model));
  const hasUsed = lines.used.length > 1;
  const threshold = placeThresholdLabel(lines, THRESHOLD_NAME + THRESHOLD_EXPLANATION);
  const texts = { name: FLOOR_NAME, explanation: FLOOR_EXPLANATION };
  const floor = placeFloorLabel(lines, [threshold.box], texts);
  const known = [threshold.box, ...(floor === null ? [] : [floor.box])];
  const used = hasUsed ? placeUsedLabel(lines, known, USED_NAME) : null;
  const taken = [...known, ...(used === null ? [] : [used.box])];
  return {
    inPlot: html`${topLabels(model)} ${thresholdLabel(threshold)} ${used && usedLabel(used)}
    ${floor && floorLabel(floor)} ${sampleLabel(model, lines, taken)} ${captureLabel(model)}`,
    legend: legend(floor === null, hasUsed && used === null),
  };
}

function momentsOf({ alertAtMs, marks }: FloorChartModel): readonly number[] {
  const moments = marks.flatMap((group) => group.marks.map(({ atMs }) => atMs));
  return alertAtMs === null ? moments : [...moments, alertAtMs];
}

/** Over the limit line: the limit, the alert and the forecast. */
function topLabels(model: FloorChartModel): Html {
  const { limitBytes, alertAtMs, trend, forecastShown, axis } = model;
  const limit = formatBytes(limitBytes);
  const alert = alertAtMs === null ? null : `alert ${clockIn(model, alertAtMs)}`;
  const full = trend !== null && forecastShown ? `≈ ${clockIn(model, trend.fullAtMs)}` : null;
  const row =
    alert !== null && alertAtMs !== null
      ? placeTopRow(axis.at(alertAtMs), {
          limit: `limit ${limit}`,
          alert,
          forecast: full === null ? null : { short: full, long: `full ${full}` },
        })
      : null;
  return html`${limitLabel(limit, row)} ${row && alertLabel(alert ?? '', row)}
  ${
    full !== null &&
    html`<text class="label-floor label-forecast text-end" x="100%" y="0" dy="-7"
      ><tspan class="wide-only">full </tspan>${full}</text
    >`
  }`;
}

function limitLabel(limit: string, row: TopRow | null): Html {
  const { position, dx } = row?.limit ?? { position: 0, dx: 0 };
  return html`<text class="label-limit" x="${percent(position)}" dx="${dx}" y="0" dy="-7"
    ><tspan class="narrow-drop">limit </tspan>${limit}</text
  >`;
}

function alertLabel(text: string, { alert }: TopRow): Html {
  const { position, anchor, dx } = alert;
  return html`<text class="label-alert text-${anchor}" x="${percent(position)}" dx="${dx}" y="0" dy="-7"
    >${text}</text
  >`;
}

function thresholdLabel({ anchor, dy }: ZoneLabel & { readonly dy: number }): Html {
  const [x, dx] = anchor === 'start' ? ['0', 6] : ['100%', -6];
  // Below the line the ground is paper, and so is the halo.
  const halo = dy < 0 ? 'halo-zone' : 'halo';
  return html`<text
    class="label-threshold ${halo} text-${anchor}"
    x="${x}"
    dx="${dx}"
    y="${percent(1 - FLOOR_THRESHOLD_RATIO)}"
    dy="${dy}"
    >${THRESHOLD_NAME}<tspan class="wide-only">${THRESHOLD_EXPLANATION}</tspan></text
  >`;
}

function sampleLabel(
  { pair, axis }: FloorChartModel,
  lines: PlotLines,
  taken: readonly ZoneLabel['box'][],
): Html | null {
  if (pair === null) return null;
  const [first, second] = pair;
  const text = `${formatShare(first.floorRatio)}, then ${formatShare(second.floorRatio)}`;
  const ring = { position: axis.at(first.atMs), floorRatio: first.floorRatio };
  const { anchor, baselinePx, leaderFromPx } = placeSampleLabel(ring, text, { lines, taken });
  const x = percent(ring.position);
  const line = html`<line
    class="leader-line"
    x1="${x}"
    x2="${x}"
    y1="${leaderFromPx ?? 0}"
    y2="${percent(1 - clampRatio(first.floorRatio))}"
  />`;
  const dx = anchor === 'end' ? 3 : -3;
  return html`${leaderFromPx !== null && line}<text
      class="label-sample halo-zone text-${anchor}"
      x="${x}"
      dx="${dx}"
      y="${baselinePx}"
      >${text}</text
    >`;
}

function floorLabel({ x, y, long }: LineLabel): Html {
  const explanation = long && html`<tspan class="wide-only">${FLOOR_EXPLANATION}</tspan>`;
  return html`<text class="label-floor ${haloOf(y)}" x="${percent(x)}" y="${percent(y)}"
    >${FLOOR_NAME}${explanation}</text
  >`;
}

/** The halo has the colour of the ground that it parts the text from. */
function haloOf(y: number): string {
  return y < 1 - FLOOR_THRESHOLD_RATIO ? 'halo-zone' : 'halo';
}

function usedLabel({ x, y }: LineLabel): Html {
  return html`<text class="label-used ${haloOf(y)}" x="${percent(x)}" y="${percent(y)}">${USED_NAME}</text>`;
}

/** The word beside the letters, on the side that has room; letters alone where none has. */
function captureLabel({ marks }: FloorChartModel): Html | null {
  const word = wordOf(marks.flatMap((group) => group.marks.map(({ letter }) => letter)));
  const room = textPx(word) / PLOT_WIDTH_PX + 0.06;
  const rightOf = marks.find(({ position }, index) => (marks[index + 1]?.position ?? 1) - position > room);
  const leftOf = (marks[0]?.position ?? 0) > room ? marks[0] : undefined;
  const beside = leftOf ?? rightOf;
  if (beside === undefined) return null;
  const isLeft = beside === leftOf;
  const dx = (beside.letters.length > 1 ? 18 : 11) * (isLeft ? -1 : 1);
  return html`<text
    class="label-capture halo text-${isLeft ? 'end' : 'start'}"
    x="${percent(beside.position)}"
    dx="${dx}"
    y="100%"
    dy="-10"
    >${word}</text
  >`;
}

function wordOf(letters: readonly string[]): string {
  if (letters.every((letter) => letter === 'P')) return 'profile';
  if (letters.every((letter) => letter === 'R')) return 'report';
  if (letters.includes('P')) return 'captures';
  return letters.length > 1 ? 'snapshots' : 'snapshot';
}

function legend(withFloor: boolean, withUsed: boolean): Html | null {
  if (!withFloor && !withUsed) return null;
  return html`<ul class="legend">
    ${withFloor && legendItem('bar-floor', FLOOR_NAME + FLOOR_EXPLANATION)}
    ${withUsed && legendItem('bar-rest', USED_NAME)}
  </ul>`;
}

function legendItem(className: string, text: string): Html {
  return html`<li>
    <svg aria-hidden="true"><rect class="${className}" width="100%" height="100%" /></svg>${text}
  </li>`;
}
