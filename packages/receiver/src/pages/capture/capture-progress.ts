import type { CaptureRecord } from '@heapfloor/contract';
import { asSentence } from '../findings/capture-words.ts';
import { html } from '../markup/html.ts';
import { RELOAD_SECONDS } from '../frame/page-scripts.ts';
import type { PageView } from '../page-view.ts';
import { note, type Section } from '../frame/section.ts';
import { relativeTime } from '../markup/time-element.ts';

/** What a capture under way is doing, and when the page looks again. */
export function captureProgress(record: CaptureRecord, view: PageView): Section {
  const last = record.timeline.at(-1);
  const waiting = record.state === 'queued';
  return {
    id: 'now',
    heading: waiting ? 'What it waits for' : 'What happens now',
    label: 'Now',
    body: html`${
        last === undefined
          ? html`<p>
              ${waiting ? 'A free place: captures run one after the other.' : 'The app has been asked.'}
            </p>`
          : html`<p>${asSentence(last.detail)}</p>
              <p class="note">${relativeTime(new Date(last.at), view.now)}</p>`
      }
      ${note(`This page reloads every ${RELOAD_SECONDS} s until the capture is done.`)}
      <button class="button" type="button" data-reload hidden>Stop reloading</button>`,
  };
}
