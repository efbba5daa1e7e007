import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract';
import { countOf } from '../findings/capture-words.ts';
import { cutText } from '../markup/code-name.ts';
import { floorBar } from '../pictures/floor-bar.ts';
import { formatShare } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { outcomeWord } from '../findings/outcome.ts';
import { pageDocument } from '../frame/page-document.ts';
import type { PageView, TargetView } from '../page-view.ts';
import { relativeTime } from '../markup/time-element.ts';

const SHOWN_CHARS = 100;

/** Every registered target, the fullest first: who needs a look stands on top. */
export function renderTargetsPage(targets: readonly TargetView[], view: PageView): string {
  const sorted = targets.toSorted((a, b) => (b.floorRatio ?? -1) - (a.floorRatio ?? -1));
  return pageDocument(view, {
    title: 'Targets',
    path: '/targets',
    current: { section: 'targets', isSectionPage: true },
    main: html`<header class="report-head">
        <h1>Targets</h1>
        ${targets.length > 0 && html`<p class="report-lead">${summary(targets)}</p>`}
      </header>
      ${targets.length === 0 ? noTargets() : list(sorted, view)}`,
  });
}

function summary(targets: readonly TargetView[]): string {
  const above = targets.filter(({ floorRatio }) => (floorRatio ?? 0) > FLOOR_THRESHOLD_RATIO).length;
  const silent = targets.filter(({ lastSeenAt }) => lastSeenAt === null).length;
  const threshold = formatShare(FLOOR_THRESHOLD_RATIO);
  return [
    countOf(targets.length, 'target'),
    above === 0 ? `no floor above ${threshold}` : `${above}\u00a0with the floor above ${threshold}`,
    ...(silent === 0 ? [] : [`${silent}\u00a0never seen`]),
  ].join(', ');
}

function list(targets: readonly TargetView[], view: PageView): Html {
  return html`<p class="target-row list-head" aria-hidden="true">
      <span>Service</span><span>Control endpoint</span><span>Floor</span><span>Last seen</span
      ><span>Last capture</span>
    </p>
    <ol class="target-list">
      ${targets.map((target) => row(target, view))}
    </ol>`;
}

function row(target: TargetView, view: PageView): Html {
  const version = target.version === null ? null : ` ${cutText(target.version, SHOWN_CHARS)}`;
  return html`<li class="target-row">
    <p class="target-place">
      <strong>${cutText(target.service, SHOWN_CHARS)}${version}</strong
      ><span>${cutText(target.instance, SHOWN_CHARS)}</span>
    </p>
    <p class="target-address">
      <span class="visually-hidden">Control endpoint </span
      ><code>${cutText(target.address, SHOWN_CHARS)}</code>
    </p>
    ${floorCell(target.floorRatio)}
    <p class="target-seen">
      ${target.lastSeenAt === null ? 'never seen' : html`<span class="target-word">seen </span>${relativeTime(target.lastSeenAt, view.now)}`}
    </p>
    ${captureCell(target, view)}
  </li>`;
}

function floorCell(floorRatio: number | null): Html {
  return floorRatio === null
    ? html`<p class="target-floor target-unknown">no reading yet</p>`
    : html`<p class="target-floor">
        ${floorBar(floorRatio)}<span aria-hidden="true">${formatShare(floorRatio)}</span>
      </p>`;
}

function captureCell({ lastCapture }: TargetView, view: PageView): Html {
  if (lastCapture === null) return html`<p class="target-capture target-unknown">no capture yet</p>`;
  return html`<p class="target-capture">
    ${outcomeWord(lastCapture)}
    <a href="/captures/${encodeURIComponent(lastCapture.id)}"
      >${relativeTime(new Date(lastCapture.createdAt), view.now)}</a
    >
  </p>`;
}

/** How a target gets here. */
function noTargets(): Html {
  return html`<section class="empty-state" aria-labelledby="empty">
    <h2 id="empty">No target registered</h2>
    <p>
      A target is one instance of a service and the address of its control endpoint. Alerts select a target by
      their labels; without one nothing can be captured.
    </p>
    <p class="note">
      Name them in the receiver’s targets file. To see a registered one now, with a leaking sample shop:
    </p>
    <pre class="command"><code>heapfloor demo</code></pre>
  </section>`;
}
