import type { CaptureRecord } from '@heapfloor/contract';
import { clockIn, type FloorChartModel } from '../floor-chart/chart-model.ts';
import { floorRatioAtAlert } from '../floor-chart/floor-points.ts';
import { formatClock, formatDay, formatRate, formatRoughDuration, formatShare } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import type { PageView } from '../page-view.ts';
import { timeElement } from '../markup/time-element.ts';

/** A forecast over more than this is none. */
const LONGEST_FORECAST_MS = 30 * 24 * 3_600_000;

/** The line below the title: how much time is left, and what buys more. */
export function reportLead(record: CaptureRecord, view: PageView, chart: FloorChartModel | null): Html {
  return html`<p class="report-lead">
    ${forecast(view, chart) ?? floorAtAlert(record)} ${resolved(record)}
  </p>`;
}

function forecast(view: PageView, chart: FloorChartModel | null): Html | null {
  const trend = chart?.trend ?? null;
  if (chart === null || trend === null || trend.fullAtMs - trend.last.atMs > LONGEST_FORECAST_MS) return null;
  const fullAt = new Date(trend.fullAtMs);
  const sameDay = fullAt.getTime() - trend.last.atMs < 20 * 3_600_000;
  const when = sameDay ? clockIn(chart, trend.fullAtMs) : `${formatDay(fullAt)}, ${formatClock(fullAt)}`;
  const reaches = fullAt > view.now ? 'reaches' : 'was to reach';
  const about = html`<strong>${timeElement(fullAt, `about ${when}`)}</strong>`;
  return html`At ${formatRate(trend.bytesPerMs)} the heap ${reaches} its limit ${about}. A restart buys
  ${trend.beganWithFall ? 'about' : 'at least'} ${formatRoughDuration(trend.restartBuysMs)}.`;
}

function floorAtAlert(record: CaptureRecord): Html {
  const ratio = floorRatioAtAlert(record);
  const { alertname } = record.alert;
  if (ratio === null) return html`Alert <code>${alertname}</code> asked for it.`;
  return html`The floor was at <strong>${formatShare(ratio)} of the limit</strong> when the alert fired.`;
}

function resolved({ alert }: CaptureRecord): Html | null {
  if (alert.status !== 'resolved' || alert.endsAt === null) return null;
  const endsAt = new Date(alert.endsAt);
  return html`The alert is resolved since ${timeElement(endsAt, formatClock(endsAt))}.`;
}
