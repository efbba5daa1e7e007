import type { CaptureRecord } from '@heapfloor/contract';
import { costOf } from '../findings/capture-cost.ts';
import { countOf, instanceOf, serviceOf } from '../findings/capture-words.ts';
import { cutText } from '../markup/code-name.ts';
import { findingOf } from '../findings/finding.ts';
import type { FloorChartModel } from '../floor-chart/chart-model.ts';
import { formatClock, formatDay } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { outcomeChip } from '../findings/outcome.ts';
import type { PageView } from '../page-view.ts';
import { reportLead } from './report-lead.ts';
import { relativeTime } from '../markup/time-element.ts';

const SHOWN_CHARS = 80;

/** The finding as a sentence, then the time that is left, then where and when in small type. */
export function reportHead(record: CaptureRecord, view: PageView, chart: FloorChartModel | null): Html {
  const createdAt = new Date(record.createdAt);
  return html`<header class="report-head">
    <p class="breadcrumb">
      <a href="/captures">Captures</a> / ${serviceOf(record)} / ${formatDay(createdAt)}
      ${formatClock(createdAt)}
    </p>
    <h1>${findingOf(record).sentence}</h1>
    ${reportLead(record, view, chart)}
    <dl class="fact-line">
      ${fact('Outcome', outcomeChip(record))} ${fact('Instance', instanceFact(record))}
      ${fact('Version', versionFact(record))} ${fact('Captured', capturedFact(record, view))}
      ${fact('Cost', costOf(record))}
    </dl>
  </header>`;
}

function fact(name: string, value: Html | string | null): Html | null {
  return value === null
    ? null
    : html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`;
}

function instanceFact(record: CaptureRecord): string | null {
  const instance = instanceOf(record);
  return instance === null ? null : cutText(instance, SHOWN_CHARS);
}

function versionFact({ target, artifacts }: CaptureRecord): string | null {
  const node = artifacts[0]?.nodeVersion;
  const parts = [target?.version, node && `Node ${node.replace(/^v/u, '')}`];
  const known = parts.filter((part) => part !== undefined && part !== null && part !== '');
  return known.length === 0 ? null : cutText(known.join(', '), SHOWN_CHARS);
}

function capturedFact(record: CaptureRecord, view: PageView): Html {
  const [artifact] = record.artifacts;
  if (artifact !== undefined) return html`captured ${relativeTime(new Date(artifact.startedAt), view.now)}`;
  const attempts = record.attempts > 1 ? `, ${countOf(record.attempts, 'attempt')}` : '';
  return html`asked for ${relativeTime(new Date(record.createdAt), view.now)}${attempts}`;
}
