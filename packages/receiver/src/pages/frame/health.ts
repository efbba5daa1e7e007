import { formatDuration } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { icon } from '../markup/icon.ts';
import type { PageView } from '../page-view.ts';
import { relativeTime } from '../markup/time-element.ts';

/** Is the watcher itself well: one line at the right of the header. */
export function healthLine(view: PageView): Html {
  const jobs = view.openJobs === 1 ? '1 open job' : `${view.openJobs} open jobs`;
  return html`<p class="health-line">
    <span class="health-ok">${icon('check')}Receiver ready</span>
    <span>${jobs}</span>
    ${
      view.lastWebhookAt === null
        ? html`<span>no alert received yet</span>`
        : html`<span
            ><span class="wide-only">last </span>webhook ${relativeTime(view.lastWebhookAt, view.now)}</span
          >`
    }
  </p>`;
}

/** The same in figures over the list of captures. */
export function healthStrip(view: PageView): Html {
  const uptime = formatDuration(roundToMinutes(view.now.getTime() - view.startedAt.getTime()));
  return html`<dl class="health-strip" aria-label="Health">
    <div>
      <dt>Receiver</dt>
      <dd>
        <span class="guard-result">${icon('check')}Ready</span> <small class="wide-only">up ${uptime}</small>
      </dd>
    </div>
    <div>
      <dt>Last webhook</dt>
      <dd>${view.lastWebhookAt === null ? 'none yet' : relativeTime(view.lastWebhookAt, view.now)}</dd>
    </div>
    <div>
      <dt>Open jobs</dt>
      <dd>${view.openJobs}</dd>
    </div>
  </dl>`;
}

/** Nobody needs the seconds of an uptime of hours. */
function roundToMinutes(ms: number): number {
  return ms < 60_000 ? ms : Math.floor(ms / 60_000) * 60_000;
}
