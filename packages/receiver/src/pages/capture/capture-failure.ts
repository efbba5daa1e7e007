import type { CaptureRecord } from '@heapfloor/contract';
import { asSentence, KIND_WORDS } from '../findings/capture-words.ts';
import { formatBytes } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { note, type Section } from '../frame/section.ts';

type CaptureError = NonNullable<CaptureRecord['error']>;

/** What failed, with its code, and what is there nevertheless. */
export function captureFailure(record: CaptureRecord): Section {
  const kind = KIND_WORDS[record.requestedKind].name;
  const { error } = record;
  return {
    id: 'failed',
    heading: 'What failed',
    label: 'What failed',
    body: html`<p>${kind}${record.attempts > 1 && `, after ${record.attempts} attempts`}.</p>
      ${error === null ? note('No reason was recorded; the log of the receiver has it.') : errorFigures(error)}
      ${remains(record)}`,
  };
}

/** Trouble after the capture, which left the files as they are; null without any. */
export function captureTrouble({ error, report, allocations }: CaptureRecord): Section | null {
  if (error === null) return null;
  const explained = report !== null || allocations !== null;
  return {
    id: 'failed',
    heading: 'What failed',
    label: 'What failed',
    body: html`<p>
        ${explained ? 'A part of the capture' : 'The analysis'}. The <a href="#files">files</a> below are
        whole.
      </p>
      ${errorFigures(error)}`,
  };
}

function errorFigures({ code, message }: CaptureError): Html {
  return html`<dl class="figures figures-text">
      <div>
        <dt>Code</dt>
        <dd><code>${code}</code></dd>
      </div>
    </dl>
    ${note(asSentence(message))}`;
}

function remains({ artifacts, alert }: CaptureRecord): Html {
  if (artifacts.length === 0) {
    const again = alert.status === 'firing' ? ' The next alert tries again by itself.' : '';
    return note(`Nothing was stored.${again}`);
  }
  const total = artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const count = artifacts.length === 1 ? 'One file' : `${artifacts.length} files`;
  return note(html`${count}, ${formatBytes(total)}, stored before it failed: <a href="#files">Files</a>.`);
}
