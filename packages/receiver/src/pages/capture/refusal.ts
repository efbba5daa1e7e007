import type { CaptureRecord, GuardResult } from '@heapfloor/contract';
import { asSentence, kindInText } from '../findings/capture-words.ts';
import { splitBytes } from '../markup/format.ts';
import {
  decidingGuard,
  formatNamedNumber,
  guardBalance,
  guardWords,
  refusedStep,
} from '../findings/guard-words.ts';
import { html, type Html } from '../markup/html.ts';
import { headroomPicture } from '../pictures/headroom-picture.ts';
import { note, type Section } from '../frame/section.ts';

/** What was refused, by which guard, with which numbers. */
export function refusal(record: CaptureRecord): Section {
  const step = refusedStep(record);
  const guard = step === null ? null : decidingGuard(step);
  return {
    id: 'refused',
    heading: 'What was refused',
    label: 'What was refused',
    body: guard === null ? withoutGuard(record) : byGuard(record, guard),
  };
}

function byGuard(record: CaptureRecord, guard: GuardResult): Html {
  const also = (refusedStep(record)?.guards ?? []).filter(
    (other) => other !== guard && other.outcome === 'refused',
  );
  const { title } = guardWords(guard.guard);
  return html`<p>
      The ${kindInText(record.requestedKind)}, by the guard
      <strong>${title.toLowerCase()}</strong>.
    </p>
    ${balanceFigures(guard)} ${note(asSentence(guard.reason))}
    ${also.map((other) => note(html`Also by <strong>${guardWords(other.guard).title.toLowerCase()}</strong>: ${asSentence(other.reason)}`))}`;
}

/** No guard was asked: the receiver itself could not go on. */
function withoutGuard(record: CaptureRecord): Html {
  const kind = kindInText(record.requestedKind);
  const reason = record.error?.message ?? record.verdict?.explanation ?? record.timeline.at(-1)?.detail;
  return html`<p>The ${kind}, before any guard was asked.</p>
    ${reason !== undefined && note(asSentence(reason))}
    ${record.error !== null && note(html`Code <code>${record.error.code}</code>`)}`;
}

function balanceFigures(guard: GuardResult): Html | null {
  const { needs, has } = guardBalance(guard);
  if (needs === null || has === null) return null;
  const inBytes = needs.name.endsWith('Bytes') && has.name.endsWith('Bytes');
  const isDemand = inBytes && needs.value > has.value;
  // A ceiling turns it round: what is there is too much, and what is missing is the excess.
  const [needWord, haveWord] = isDemand ? ['Needs', 'Free'] : inBytes ? ['Ceiling', 'Now'] : ['Needs', 'Has'];
  const difference = Math.abs(needs.value - has.value);
  return html`<dl class="figures">
      ${figure(needWord, needs, inBytes)} ${figure(haveWord, has, inBytes)}
      ${inBytes && figure(isDemand ? 'Missing' : 'Too much', { name: needs.name, value: difference }, inBytes)}
    </dl>
    ${isDemand && headroomPicture({ needBytes: needs.value, freeBytes: has.value, limitBytes: memoryLimit(guard) })}`;
}

function figure(word: string | undefined, number: { name: string; value: number }, inBytes: boolean): Html {
  const { value, unit } = splitBytes(number.value);
  const text = inBytes ? html`${value} <small>${unit}</small>` : formatNamedNumber(number);
  return html`<div>
    <dt>${word}</dt>
    <dd>${text}</dd>
  </div>`;
}

/** Of the container, where the guard told it; a disk has none that matters here. */
function memoryLimit({ guard, numbers }: GuardResult): number | null {
  return guard === 'memory-headroom' ? (numbers['limitBytes'] ?? null) : null;
}
