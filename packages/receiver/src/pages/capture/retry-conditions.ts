import type { CaptureRecord, GuardResult } from '@heapfloor/contract';
import { formatBytes, formatClock, formatDay, formatRelative } from '../markup/format.ts';
import { guardBalance, guardWords } from '../findings/guard-words.ts';
import { html, type Html } from '../markup/html.ts';
import type { PageView } from '../page-view.ts';
import type { Section } from '../frame/section.ts';
import { timeElement } from '../markup/time-element.ts';

interface Condition {
  readonly what: string;
  readonly how: Html | string;
}

/** When to try again: each condition with its number. */
export function retryConditions(record: CaptureRecord, view: PageView): Section {
  const guards = (record.verdict?.steps[0]?.guards ?? []).filter(({ outcome }) => outcome === 'refused');
  const conditions = [
    ...guards.flatMap((guard) => conditionsOf(guard, view)),
    ...(record.target === null
      ? [{ what: 'With a target', how: 'registered for the labels that the alert carries.' }]
      : []),
    { what: 'By itself', how: 'at the next alert: each episode is judged anew.' },
  ];
  return {
    id: 'again',
    heading: 'When to try again',
    label: 'When to try again',
    body: html`<ul class="condition-list">
      ${unique(conditions).map(({ what, how }) => html`<li><strong>${what}</strong><span>${how}</span></li>`)}
    </ul>`,
  };
}

/** Two guards can ask for the same thing; the first one's words stand. */
function unique(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(
    ({ what }, index) => conditions.findIndex((other) => other.what === what) === index,
  );
}

function conditionsOf(guard: GuardResult, view: PageView): readonly Condition[] {
  if (guard.retryAt !== null) return [untilTime(new Date(guard.retryAt), view)];
  const { remedy } = guardWords(guard.guard);
  return [...missingBytes(guard), ...(remedy === null ? [] : [remedy])];
}

function untilTime(at: Date, view: PageView): Condition {
  const text =
    at.getTime() - view.now.getTime() > 20 * 3_600_000
      ? `${formatDay(at)}, ${formatClock(at)}`
      : formatClock(at);
  const passed = at <= view.now;
  return {
    what: passed ? 'From now on' : 'Later',
    how: passed
      ? html`the time is over since ${timeElement(at, text)}.`
      : html`not before ${timeElement(at, text)}, ${formatRelative(at, view.now)}.`,
  };
}

function missingBytes(guard: GuardResult): readonly Condition[] {
  const { needs, has } = guardBalance(guard);
  if (needs === null || has === null || !needs.name.endsWith('Bytes') || needs.value <= has.value) return [];
  const of = guard.guard === 'free-disk' ? 'disk' : 'memory';
  return [
    { what: `With more ${of}`, how: `${formatBytes(needs.value - has.value)} more free than at the alert.` },
  ];
}
