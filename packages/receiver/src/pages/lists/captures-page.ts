import type { CaptureRecord } from '@heapfloor/contract';
import { captureRow, listHead } from './capture-row.ts';
import { countOf } from '../findings/capture-words.ts';
import { calendarDaysBefore, formatDay } from '../markup/format.ts';
import { healthStrip } from '../frame/health.ts';
import { html, type Html } from '../markup/html.ts';
import { outcomeOf, type Outcome } from '../findings/outcome.ts';
import { pageDocument } from '../frame/page-document.ts';
import type { PageView } from '../page-view.ts';

/** Every capture, newest first, grouped by day. */
export function renderCapturesPage(records: readonly CaptureRecord[], view: PageView): string {
  const newestFirst = records.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  return pageDocument(view, {
    title: 'Captures',
    path: '/captures',
    current: { section: 'captures', isSectionPage: true },
    hasOwnHealth: true,
    main: html`<h1 class="visually-hidden">Captures</h1>
      ${healthStrip(view)} ${records.length === 0 ? emptyList(view) : list(newestFirst, view)}`,
  });
}

function list(records: readonly CaptureRecord[], view: PageView): Html {
  const headings = [...new Set(records.map((record) => dayHeading(record, view.now)))];
  return html`<p class="list-summary">${summary(records)}</p>
    ${listHead()}
    ${headings.map(
      (heading) =>
        html`<h2 class="day">${heading}</h2>
          <ol class="capture-list">
            ${records
              .filter((record) => dayHeading(record, view.now) === heading)
              .map((record) => captureRow(record, view))}
          </ol>`,
    )}`;
}

function dayHeading({ createdAt }: CaptureRecord, now: Date): string {
  const at = new Date(createdAt);
  const days = calendarDaysBefore(at, now);
  if (days <= 0) return `Today, ${formatDay(at)}`;
  return days === 1 ? `Yesterday, ${formatDay(at)}` : 'Earlier';
}

function summary(records: readonly CaptureRecord[]): string {
  const count = (name: Outcome['name']): number =>
    records.filter((record) => outcomeOf(record).name === name).length;
  const parts = [
    [count('leak'), count('leak') === 1 ? 'leak found' : 'leaks found'],
    [count('refused'), 'refused'],
    [count('failed'), 'failed'],
    [count('running'), 'under way'],
  ] as const;
  const told = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount}\u00a0${word}`);
  const all = countOf(records.length, 'capture');
  return told.length === 0 ? all : `${all}: ${told.join(', ')}`;
}

/** How to get the first capture. */
function emptyList({ baseUrl }: PageView): Html {
  const hooks = `${baseUrl.replace(/\/+$/u, '')}/hooks`;
  return html`<section class="empty-state" aria-labelledby="empty">
    <h2 id="empty">No capture yet</h2>
    <p>
      A capture begins when an alert arrives: the floor of a service above 75 % of its limit on two samples.
      <a href="/targets">Targets</a> shows which services deliver theirs.
    </p>
    <p>
      Point your alerts here: Alertmanager at <code>${hooks}/alertmanager</code>, Grafana at
      <code>${hooks}/grafana</code>.
    </p>
    <p class="note">To see the whole loop now, on this machine and with a leaking sample shop:</p>
    <pre class="command"><code>heapfloor demo</code></pre>
  </section>`;
}
