import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract';
import { formatBytes, formatClockSeconds, formatShare, formatWholeMiB } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { percent } from '../markup/svg-length.ts';
import type { MarkGroup } from './capture-marks.ts';
import { clockIn, type FloorChartModel } from './chart-model.ts';
import { describeChart } from './describe-chart.ts';
import { plotArea } from './plot-area.ts';
import { plotLabels } from './plot-labels.ts';
import { timeTicks } from './time-axis.ts';

/** Ticks at quarters of the limit, so that 75 % is the same line on every page. */
const QUARTERS = [0, 0.25, 0.5, 0.75, 1] as const;

/** The picture: geometry in a stretched inner svg, words and rings at percentages over it. */
export function floorChart(model: FloorChartModel): Html {
  const labels = plotLabels(model);
  return html`<figure class="floor-chart">
      <svg class="floor-plot" role="img" aria-labelledby="floor-title" aria-describedby="floor-desc">
        <title id="floor-title">${chartTitle(model)}</title>
        <desc id="floor-desc">${describeChart(model)}</desc>
        ${plotArea(model)} ${yTicks(model)} ${xTicks(model)} ${labels.inPlot} ${rings(model)}
        ${model.marks.map((group) => captureBox(group))}
      </svg>
    </figure>
    ${labels.legend}`;
}

function chartTitle(model: FloorChartModel): string {
  const { service, axis, limitBytes } = model;
  const from = clockIn(model, axis.fromMs);
  return `Floor of ${service} from ${from} to ${clockIn(model, axis.toMs)} against its limit of ${formatBytes(limitBytes)}`;
}

function yTicks({ limitBytes }: FloorChartModel): Html {
  return html`${QUARTERS.map(
    (ratio) =>
      html`<text class="text-end" x="0" dx="-7" y="${percent(1 - ratio)}" dy="4"
        >${formatWholeMiB(limitBytes * ratio)}</text
      >`,
  )}`;
}

function xTicks({ axis }: FloorChartModel): Html {
  const ticks = timeTicks(axis);
  return html`${ticks.map(({ position, label }, index) => {
    const anchor = position > 0.96 ? 'text-end' : position < 0.02 ? 'text-start' : 'text-middle';
    // A phone has room for every other one.
    const drop = ticks.length > 3 && index % 2 === 1 ? ' wide-only' : '';
    return html`<text class="${anchor}${drop}" x="${percent(position)}" y="100%" dy="17">${label}</text>`;
  })}`;
}

function rings({ pair, axis }: FloorChartModel): Html {
  return html`${pair?.map(({ atMs, floorBytes, floorRatio }, index) => {
    const which = `${index === 0 ? 'first' : 'second'} sample above ${formatShare(FLOOR_THRESHOLD_RATIO)}`;
    const floor = `floor ${formatBytes(floorBytes)}, ${formatShare(floorRatio)} of the limit`;
    return html`<circle
      class="sample-mark"
      cx="${percent(axis.at(atMs))}"
      cy="${percent(Math.max(0, 1 - floorRatio))}"
      r="5.5"
    >
      <title>${formatClockSeconds(new Date(atMs))} · ${floor} · ${which}</title>
    </circle>`;
  })}`;
}

function captureBox({ position, letters, marks }: MarkGroup): Html {
  const single = marks.length === 1;
  return html`<g>
    <title>${marks.map(({ text }) => text).join('; ')}</title>
    <svg class="plot-area" x="${percent(position)}" y="100%">
      <rect
        class="capture-mark${single ? null : ' capture-mark-pair'}"
        x="${single ? -7 : -14}"
        y="-22"
        width="${single ? 14 : 28}"
        height="15"
        rx="2"
      />
      <text class="capture-letter text-middle" x="0" y="-11">${letters}</text>
    </svg>
  </g>`;
}
