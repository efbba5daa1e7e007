import type { ArtifactManifest, CaptureKind, CaptureRecord, LeakSuspect } from '@heapfloor/contract';
import { allocationSuspect } from '../findings/allocation-suspect.ts';
import { codeName, cutText } from '../markup/code-name.ts';
import { holderSource } from '../findings/holder-source.ts';
import { html, type Html } from '../markup/html.ts';
import type { Section } from '../frame/section.ts';

/** One thing to do; with a command where one is known to work. */
interface NextStep {
  readonly what: string;
  readonly why: Html | string;
  readonly command?: string;
  /** Instead of a command: where to look or what to click. */
  readonly how?: Html;
}

/** What to do, the most telling first. Only what the facts allow: no restart command, no repository is known here. */
export function nextSteps(record: CaptureRecord): Section | null {
  const suspect = record.report?.suspect ?? null;
  const snapshots = filesOf(record, 'heap-snapshot');
  const steps = [
    ...failureSteps(record),
    suspect && readHolder(suspect),
    ...(suspect === null ? allocatorStep(record) : []),
    ...compareStep(snapshots),
    ...devtoolsStep(record),
    ...targetStep(record),
  ].filter((step) => step !== null);
  if (steps.length === 0) return null;
  return {
    id: 'next',
    heading: 'What next',
    label: 'What next',
    body: html`<ol class="next-steps">
      ${steps.map(stepItem)}
    </ol>`,
  };
}

function stepItem({ what, why, command, how }: NextStep): Html {
  return html`<li>
    <p><strong>${what}</strong> <span>${why}</span></p>
    ${command !== undefined && html`<pre class="command"><code>${command}</code></pre>`}
    ${how !== undefined && html`<p class="next-how">${how}</p>`}
  </li>`;
}

function readHolder(suspect: LeakSuspect): NextStep {
  const source = holderSource(suspect);
  return {
    what: 'Read the holder',
    why: 'filled, never emptied',
    how: html`${codeName(suspect.holder === '' ? suspect.constructor : suspect.holder)}${
      source !== null && html`, in <code>${cutText(source, 120)}</code>`
    }`,
  };
}

function failureSteps({ state, error }: CaptureRecord): NextStep[] {
  if (error === null || state === 'refused') return [];
  return [
    {
      what: 'Look up the code',
      why: 'cause and cure of each',
      how: html`<code>${error.code}</code>, in the error table of the package’s README`,
    },
  ];
}

function allocatorStep(record: CaptureRecord): NextStep[] {
  const site = allocationSuspect(record.allocations);
  if (site === null || site.source === null) return [];
  return [
    {
      what: 'Check the suspect',
      why: 'what keeps what it allocates',
      how: html`${codeName(site.functionName)}, in <code>${cutText(site.source, 120)}</code>`,
    },
  ];
}

/** Two of one isolate: the heaps of two threads have nothing in common. */
function compareStep(snapshots: readonly ArtifactManifest[]): NextStep[] {
  const [first] = snapshots;
  const last = snapshots.findLast(({ isolate }) => isolate === first?.isolate);
  if (first === undefined || last === undefined || first === last) return [];
  return [
    {
      what: 'Compare by hand',
      why: html`both <a href="#files">files</a> downloaded`,
      command: `heapfloor compare ${first.fileName} ${last.fileName}`,
    },
  ];
}

interface DevtoolsPlace {
  readonly kind: CaptureKind;
  readonly panel: string;
  readonly why: string;
}

/** Where Chrome DevTools opens a file, the most telling kind first. */
const DEVTOOLS_PLACES: readonly DevtoolsPlace[] = [
  { kind: 'heap-snapshot', panel: 'Memory, Load profile', why: 'every object, by hand' },
  { kind: 'near-heap-limit', panel: 'Memory, Load profile', why: 'every object, by hand' },
  { kind: 'allocation-timeline', panel: 'Memory, Load profile', why: 'what was allocated when, and lives' },
  { kind: 'heap-profile', panel: 'Memory, Load profile', why: 'who allocates, by hand' },
  { kind: 'cpu-profile', panel: 'Performance, Load profile', why: 'where the time goes' },
];

function devtoolsStep(record: CaptureRecord): NextStep[] {
  const place = DEVTOOLS_PLACES.find(({ kind }) => filesOf(record, kind).length > 0);
  if (place === undefined) return [];
  const files = filesOf(record, place.kind);
  const then = place.kind === 'heap-snapshot' && files.length > 1 ? ', then view Comparison' : '';
  return [
    {
      what: 'Open in DevTools',
      why: place.why,
      how: html`${place.panel}: <code>${files.at(-1)?.fileName}</code>${then}`,
    },
  ];
}

function targetStep({ target, alert }: CaptureRecord): NextStep[] {
  if (target !== null) return [];
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}="${cutText(value, 60)}"`);
  return [
    {
      what: 'Register the target',
      why: 'or let the alert carry its labels',
      how: html`The alert brought <code>${cutText(labels.join(', '), 400)}</code>; see
        <a href="/targets">Targets</a>.`,
    },
  ];
}

function filesOf(record: CaptureRecord, kind: CaptureKind): readonly ArtifactManifest[] {
  return record.artifacts.filter((artifact) => artifact.kind === kind);
}
