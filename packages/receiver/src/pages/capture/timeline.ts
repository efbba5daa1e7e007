import type { CaptureRecord, TimelineEntry } from '@heapfloor/contract';
import { formatAbsolute, formatClockSeconds, formatDay, formatDuration } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import type { Section } from '../frame/section.ts';
import { percent } from '../markup/svg-length.ts';

/** A step that took no time still needs a mark that one sees. Unit: 1. */
const SMALLEST_BAR_RATIO = 0.006;

/** Colour by meaning: the alert, what the app did, what the receiver did, what went wrong. */
const BAR_CLASS: ReadonlyMap<string, string> = new Map([
  ['alert', 'bar-mark'],
  ['resolved', 'bar-mark'],
  ['verdict', 'bar-ok'],
  ['captured', 'bar-ok'],
  ['stored', 'bar-floor'],
  ['analysed', 'bar-floor'],
  ['refused', 'bar-over'],
  ['failed', 'bar-over'],
]);

/** Alert to report: one line per step; its bar is the time since the step before, on one scale. */
export function timeline(record: CaptureRecord): Section | null {
  const entries = entriesOf(record);
  const [first] = entries;
  if (first === undefined) return null;
  // What comes after the work (the alert resolved, hours later) would press the steps together.
  const steps = entries.filter(({ event }) => event !== 'resolved');
  const fromMs = Date.parse((steps[0] ?? first).at);
  const spanMs = Math.max(1, Date.parse((steps.at(-1) ?? first).at) - fromMs);
  const refused = record.verdict !== null && record.verdict.outcome !== 'allowed';
  const scale = { fromMs, spanMs, refused };
  return {
    id: 'timeline',
    heading: headingOf(record, Date.parse((steps.at(-1) ?? first).at) - fromMs),
    label: 'Timeline',
    body: html`<ol class="timeline">
      ${steps.map((entry, index) => stepItem(entry, steps[index - 1] ?? null, scale))}
      ${entries.filter(({ event }) => event === 'resolved').map((entry) => laterItem(entry, fromMs))}
    </ol>`,
  };
}

/** The record's own entries, with the alert's begin and end where they are missing. */
function entriesOf({ timeline, alert }: CaptureRecord): readonly TimelineEntry[] {
  const has = (event: string): boolean => timeline.some((entry) => entry.event === event);
  const fired = { at: alert.startsAt, event: 'alert', detail: `Alert ${alert.alertname} fires` };
  const resolvedAt = alert.status === 'resolved' && !has('resolved') ? alert.endsAt : null;
  return [
    ...(has('alert') ? [] : [fired]),
    ...timeline,
    ...(resolvedAt !== null
      ? [{ at: resolvedAt, event: 'resolved', detail: `Alert ${alert.alertname} resolved` }]
      : []),
  ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function headingOf({ state }: CaptureRecord, spanMs: number): string {
  if (state === 'queued' || state === 'running' || spanMs <= 0) return 'Timeline';
  const end = { succeeded: 'report', downgraded: 'report', refused: 'refusal', failed: 'failure' }[state];
  return `Alert to ${end}: ${formatDuration(spanMs)}`;
}

interface Scale {
  /** The verdict was not what was asked for. */
  readonly refused: boolean;
  readonly fromMs: number;
  readonly spanMs: number;
}

function stepItem(
  entry: TimelineEntry,
  before: TimelineEntry | null,
  { fromMs, spanMs, refused }: Scale,
): Html {
  const atMs = Date.parse(entry.at);
  const tookMs = before === null ? 0 : atMs - Date.parse(before.at);
  const width = Math.max(SMALLEST_BAR_RATIO, tookMs / spanMs);
  const end = Math.max(width, (atMs - fromMs) / spanMs);
  const refuses = entry.event === 'verdict' && refused;
  const bar = html`<svg class="bar" aria-hidden="true">
    <rect class="bar-track" width="100%" height="100%" />
    <rect
      class="${refuses ? 'bar-over' : (BAR_CLASS.get(entry.event) ?? 'bar-rest')}"
      x="${percent(end - width)}"
      width="${percent(width)}"
      height="100%"
    />
  </svg>`;
  return html`<li>
    ${clock(entry, formatClockSeconds(new Date(atMs)))}<span>${entry.detail}</span>
    <span class="took">${before !== null && formatDuration(tookMs)}</span>${bar}
  </li>`;
}

function laterItem(entry: TimelineEntry, fromMs: number): Html {
  const at = new Date(entry.at);
  const sameDay = formatDay(at) === formatDay(new Date(fromMs));
  const text = sameDay ? formatClockSeconds(at) : formatDay(at);
  return html`<li>${clock(entry, text)}<span>${entry.detail}</span><span class="took"></span></li>`;
}

function clock(entry: TimelineEntry, text: string): Html {
  const at = new Date(entry.at);
  return html`<time datetime="${at.toISOString()}" title="${formatAbsolute(at)}">${text}</time>`;
}
