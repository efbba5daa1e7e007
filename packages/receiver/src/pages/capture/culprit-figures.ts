import type { CaptureRecord, LeakReport, LeakSuspect } from '@heapfloor/contract';
import { asSentence, snapshotLetter } from '../findings/capture-words.ts';
import { codeName, sourcePlace } from '../markup/code-name.ts';
import { formatBytes, formatCountDelta, formatDuration, formatShare, splitBytes } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { note, type Section } from '../frame/section.ts';
import { clampRatio, percent } from '../markup/svg-length.ts';

/** What grows: class, count, bytes, share of the growth, confidence with its reason. */
export function culpritFigures(record: CaptureRecord, report: LeakReport, suspect: LeakSuspect): Section {
  const retained = splitBytes(Math.abs(suspect.retainedDeltaBytes));
  const sign = suspect.retainedDeltaBytes < 0 ? '−' : '+';
  return {
    id: 'what',
    heading: 'What grows',
    label: 'What grows',
    body: html`<p class="culprit">${codeName(suspect.constructor)}${sourcePlace(suspect.source)}</p>
      <dl class="figures">
        <div>
          <dt>Objects</dt>
          <dd>${formatCountDelta(suspect.countDelta)}</dd>
        </div>
        <div>
          <dt>Retained</dt>
          <dd>${sign}${retained.value} <small>${retained.unit}</small></dd>
        </div>
        <div>
          <dt>Of the growth</dt>
          <dd>${formatShare(suspect.shareOfGrowthRatio).replace('%', '')}<small>%</small></dd>
        </div>
        <div>
          <dt>Confidence</dt>
          <dd>${suspect.confidence.charAt(0).toUpperCase()}${suspect.confidence.slice(1)}</dd>
        </div>
      </dl>
      ${growthBar(report, suspect)}
      ${note(`${spanText(record, report)}${asSentence(suspect.confidenceReason)}`)}`,
  };
}

function growthBar({ growthBytes }: LeakReport, suspect: LeakSuspect): Html {
  const share = clampRatio(suspect.shareOfGrowthRatio);
  const grown = `${suspect.constructor} ${formatBytes(suspect.retainedDeltaBytes)}`;
  const label = `${grown} of ${formatBytes(growthBytes)} growth of the whole heap`;
  // A gap of half a percent parts the two colours for eyes that do not tell them apart.
  const rest = share < 0.99 ? share + 0.005 : 1;
  return html`<svg class="bar" role="img" aria-label="${label}">
    <rect class="bar-leak" width="${percent(share)}" height="100%" />
    <rect class="bar-rest" x="${percent(rest)}" width="${percent(1 - rest)}" height="100%" />
  </svg>`;
}

/** `In 5 min 11 s, snapshots A to B. `, when the artifacts still tell. */
function spanText({ artifacts }: CaptureRecord, { snapshots }: LeakReport): string {
  const times = artifacts
    .filter(({ kind }) => kind === 'heap-snapshot')
    .map(({ startedAt }) => Date.parse(startedAt));
  const spanMs = Math.max(...times) - Math.min(...times);
  if (times.length < 2 || spanMs <= 0) return '';
  const last = snapshotLetter(Math.max(1, snapshots.length - 1));
  return `In ${formatDuration(spanMs)}, snapshots A to ${last}. `;
}
