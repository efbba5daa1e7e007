import type { CaptureRecord, CaptureState } from '@heapfloor/contract';
import { allocations } from './allocations.ts';
import { captureFailure, captureTrouble } from './capture-failure.ts';
import { captureProgress } from './capture-progress.ts';
import { kindInText, serviceOf } from '../findings/capture-words.ts';
import { comparisonTable } from './comparison-table.ts';
import { culpritFigures } from './culprit-figures.ts';
import { fileList } from './file-list.ts';
import { findingOf } from '../findings/finding.ts';
import { createFloorChart } from '../floor-chart/chart-model.ts';
import { heapByClass } from './heap-by-class.ts';
import { heapGrowth } from './heap-growth.ts';
import { html, type Html } from '../markup/html.ts';
import { nextSteps } from './next-steps.ts';
import { pageDocument } from '../frame/page-document.ts';
import { reloadScript, reloadWithoutScript, sortScript } from '../frame/page-scripts.ts';
import type { PageView } from '../page-view.ts';
import { refusal } from './refusal.ts';
import { reportHead } from './report-head.ts';
import { retainerPath } from './retainer-path.ts';
import { retryConditions } from './retry-conditions.ts';
import { answer, evidence, evidenceNav, note, type Section } from '../frame/section.ts';
import { sinceWhen } from './since-when.ts';
import { timeline } from './timeline.ts';
import { verdictTable } from './verdict-table.ts';

/** The page of one capture: what, who, since when, what next; then the evidence. */
export function renderCapturePage(record: CaptureRecord, view: PageView): string {
  const chart = createFloorChart(record, serviceOf(record));
  const { left, right, below } = FIRST_SCREENS[record.state]({
    record,
    view,
    since: sinceWhen(record, chart),
    next: nextSteps(record),
  });
  const sections = [...below, ...evidenceOf(record)].filter((section) => section !== null);
  const isUnderWay = record.state === 'queued' || record.state === 'running';
  const isCompared = sections.some(({ id }) => id === 'comparison');
  return pageDocument(view, {
    title: findingOf(record).plain,
    path: `/captures/${record.id}`,
    current: { section: 'captures', isSectionPage: false },
    head: isUnderWay ? reloadWithoutScript() : null,
    scripts: [
      ...(isUnderWay ? [reloadScript(view.nonce)] : []),
      ...(isCompared ? [sortScript(view.nonce)] : []),
    ],
    main: html`${reportHead(record, view, chart)}
      <div class="answer-grid">${column(left)} ${column(right)}</div>
      ${sections.length > 0 && evidenceNav(sections)} ${layOut(sections)}`,
  });
}

type Sections = readonly (Section | null)[];

interface FirstScreen {
  readonly left: Sections;
  readonly right: Sections;
  /** What the first screen had no room for. */
  readonly below: Sections;
}

interface Context {
  readonly record: CaptureRecord;
  readonly view: PageView;
  readonly since: Section;
  readonly next: Section | null;
}

const FIRST_SCREENS: Readonly<Record<CaptureState, (context: Context) => FirstScreen>> = {
  queued: underWay,
  running: underWay,
  failed: ({ record, since, next }) => ({
    left: [captureFailure(record)],
    right: [since, next],
    below: [profileOf(record)],
  }),
  refused,
  downgraded: refused,
  succeeded,
};

function underWay({ record, view, since }: Context): FirstScreen {
  return { left: [captureProgress(record, view)], right: [since], below: [] };
}

function refused({ record, view, since, next }: Context): FirstScreen {
  const left = [refusal(record), retryConditions(record, view)];
  const instead = insteadOf(record);
  // With nothing captured the right column has room for the chart.
  return record.artifacts.length === 0 && record.allocations === null
    ? { left, right: [instead, next, since], below: [] }
    : { left, right: [instead, next], below: [captureTrouble(record), since] };
}

function succeeded({ record, since, next }: Context): FirstScreen {
  const { report } = record;
  const profile = profileOf(record);
  const trouble = captureTrouble(record);
  if (report === null) {
    return {
      left: [profile ?? trouble ?? onlyFiles(record), profile && trouble],
      right: [since, next],
      below: [],
    };
  }
  const { suspect } = report;
  const left =
    suspect === null
      ? [heapGrowth(report)]
      : [culpritFigures(record, report, suspect), retainerPath(suspect)];
  return { left, right: [since, next], below: [profile, trouble] };
}

function evidenceOf(record: CaptureRecord): Sections {
  const { report, verdict } = record;
  return [
    report && comparisonTable(report),
    report && heapByClass(report),
    verdict && verdictTable(verdict),
    timeline(record),
    fileList(record),
  ];
}

/** What a refusal leaves: the profile, or at least the files. */
function insteadOf(record: CaptureRecord): Section {
  const head = { id: 'instead', heading: 'What was captured instead', label: 'Instead' };
  const profile = profileOf(record);
  if (profile !== null) return { ...profile, ...head };
  const kinds = [...new Set(record.artifacts.map(({ kind }) => kindInText(kind)))];
  if (kinds.length === 0) {
    const why = record.verdict === null ? 'the app was not asked' : 'no cheaper kind was allowed either';
    return { ...head, body: html`<p>Nothing: ${why}.</p>` };
  }
  return { ...head, body: html`<p>A ${kinds.join(' and a ')}, under <a href="#files">Files</a>.</p>` };
}

function profileOf(record: CaptureRecord): Section | null {
  if (record.allocations === null) return null;
  return {
    id: 'allocations',
    heading: 'Who allocates',
    label: 'Allocations',
    body: allocations(record, record.allocations),
  };
}

function onlyFiles(record: CaptureRecord): Section {
  const count = record.artifacts.length;
  return {
    id: 'what',
    heading: 'What was captured',
    label: 'Captured',
    body: html`<p>
        ${count === 0 ? 'No file.' : html`${count === 1 ? 'One file' : `${count} files`}, under <a href="#files">Files</a>.`}
      </p>
      ${note('There is no analysis of it: open it by hand.')}`,
  };
}

function column(sections: Sections): Html {
  return html`<div class="answer-column">${sections.map((section) => section && answer(section))}</div>`;
}

/** One under the other; verdict and timeline side by side where there is room. */
function layOut(sections: readonly Section[]): Html {
  const verdict = sections.find(({ id }) => id === 'verdict');
  const times = sections.find(({ id }) => id === 'timeline');
  if (verdict === undefined || times === undefined) return html`${sections.map(evidence)}`;
  return html`${sections.map((section) => {
    if (section === times) return null;
    if (section !== verdict) return evidence(section);
    return html`<div class="evidence-pair">${evidence(verdict)} ${evidence(times)}</div>`;
  })}`;
}
