import type { CaptureRecord } from '@heapfloor/contract';
import { costOf, evidenceText } from '../findings/capture-cost.ts';
import { instanceOf, serviceOf } from '../findings/capture-words.ts';
import { cutText } from '../markup/code-name.ts';
import { floorRatioAtAlert } from '../floor-chart/floor-points.ts';
import { calendarDaysBefore, formatClock, formatDay, formatRelative, formatShare } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { outcomeWord } from '../findings/outcome.ts';
import type { PageView } from '../page-view.ts';
import { rowFinding } from '../findings/row-finding.ts';
import { sparkline } from '../pictures/sparkline.ts';
import { timeElement } from '../markup/time-element.ts';

const SHOWN_CHARS = 80;

/** One capture of the list: when, where, floor, outcome, finding, cost. The whole row is the link. */
export function captureRow(record: CaptureRecord, view: PageView): Html {
  const { headline, detail } = rowFinding(record);
  return html`<li class="capture-row">
    ${timeElement(new Date(record.createdAt), rowTime(new Date(record.createdAt), view.now), 'capture-time')}
    <p class="capture-place">
      <strong>${cutText(serviceOf(record), SHOWN_CHARS)}</strong
      ><span>${cutText(instanceOf(record) ?? '', SHOWN_CHARS)}</span>
    </p>
    ${floorCell(record)}
    <p class="capture-outcome">${outcomeWord(record)}</p>
    <p class="capture-finding">
      <a href="/captures/${encodeURIComponent(record.id)}">${headline}</a
      >${detail !== null && html`<span>${detail}</span>`}
    </p>
    <p class="capture-cost"><span>${evidenceText(record)}</span><span>${costOf(record)}</span></p>
  </li>`;
}

/** Column names over the list at a desk; each cell says itself what it is. */
export function listHead(): Html {
  return html`<p class="capture-row list-head" aria-hidden="true">
    <span class="capture-time">When</span><span class="capture-place">Service</span
    ><span class="capture-floor">Floor, last hour</span><span class="capture-outcome">Outcome</span
    ><span class="capture-finding">Finding</span><span class="capture-cost">Evidence, cost</span>
  </p>`;
}

/** Under its day: relative today, the clock yesterday, the date before. */
function rowTime(at: Date, now: Date): string {
  const days = calendarDaysBefore(at, now);
  if (days <= 0) return formatRelative(at, now);
  return days === 1 ? formatClock(at) : formatDay(at);
}

function floorCell(record: CaptureRecord): Html {
  const ratio = floorRatioAtAlert(record);
  const number =
    ratio === null
      ? html`<span class="visually-hidden">Floor unknown</span>`
      : html`<span class="visually-hidden">Floor </span>${formatShare(ratio)}`;
  return html`<p class="capture-floor">${sparkline(record) ?? html`<span></span>`}<span>${number}</span></p>`;
}
