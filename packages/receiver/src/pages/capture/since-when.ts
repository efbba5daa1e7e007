import { FLOOR_THRESHOLD_RATIO, type CaptureRecord } from '@heapfloor/contract';
import { floorBar } from '../pictures/floor-bar.ts';
import { clockIn, type FloorChartModel } from '../floor-chart/chart-model.ts';
import { floorChart } from '../floor-chart/floor-chart.ts';
import { formatBytes, formatClock, formatRoughDuration, formatShare } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { note, type Section } from '../frame/section.ts';
import { timeElement } from '../markup/time-element.ts';

const LABEL = 'Since when';

/** Floor against limit; without readings the one number that the alert brought. */
export function sinceWhen(record: CaptureRecord, chart: FloorChartModel | null): Section {
  const section = { id: 'since', heading: LABEL, label: LABEL };
  if (chart !== null) return { ...section, note: chartNote(record, chart), body: floorChart(chart) };
  return { ...section, note: note(noReadings(record)), body: alertNumber(record) };
}

function chartNote(record: CaptureRecord, chart: FloorChartModel): Html {
  const { trend, pair, points } = chart;
  if (trend !== null) {
    const from = new Date(trend.from.atMs);
    const aheadMs = Date.parse(record.alert.startsAt) - from.getTime();
    const ahead = aheadMs > 0 ? `, ${formatRoughDuration(aheadMs)} before the alert` : '';
    return note(
      html`The floor rises since ${timeElement(from, clockIn(chart, trend.from.atMs))}${ahead}, from
      ${formatBytes(trend.from.floorBytes)} to ${formatBytes(trend.last.floorBytes)}.`,
    );
  }
  if (pair !== null) {
    const [first, second] = pair.map(({ atMs }) => timeElement(new Date(atMs), clockIn(chart, atMs)));
    return note(html`Two samples above ${formatShare(FLOOR_THRESHOLD_RATIO)}, at ${first} and ${second}.`);
  }
  return note(
    points.length < 4
      ? 'Too few readings to tell a rise.'
      : 'The readings rise and fall; no line describes them, so there is no forecast.',
  );
}

function noReadings({ alert }: CaptureRecord): Html {
  const since = new Date(alert.startsAt);
  return html`The alert fired at ${timeElement(since, formatClock(since))}. There is no chart: the floor’s
  readings did not come through this receiver.`;
}

function alertNumber({ alert }: CaptureRecord): Html {
  if (alert.floorRatio === null) return html`<p>The alert did not say how high the floor was.</p>`;
  return html`<dl class="figures">
      <div>
        <dt>Floor at the alert</dt>
        <dd>${formatShare(alert.floorRatio)} <small>of the limit</small></dd>
      </div>
      <div>
        <dt>Threshold</dt>
        <dd>${formatShare(FLOOR_THRESHOLD_RATIO)}</dd>
      </div>
    </dl>
    ${floorBar(alert.floorRatio)}`;
}
