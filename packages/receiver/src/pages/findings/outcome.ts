import type { CaptureRecord, CaptureState } from '@heapfloor/contract';
import { KIND_WORDS } from './capture-words.ts';
import { html, type Html } from '../markup/html.ts';
import { takenKind } from './taken-kind.ts';
import { icon, type IconName } from '../markup/icon.ts';

/** How a capture ended, in the words of its chip. */
export interface Outcome {
  /** Also the class of the chip. */
  readonly name: 'leak' | 'clear' | 'taken' | 'refused' | 'failed' | 'running';
  readonly icon: IconName;
  readonly word: string;
}

/** The outcome of a capture; `No leak` only where two snapshots could show one. */
export function outcomeOf(record: CaptureRecord): Outcome {
  return record.state === 'succeeded' ? successOf(record) : OUTCOMES[record.state];
}

/** The chip of the head: what was taken, and at a downgrade what there is instead. */
export function outcomeChip(record: CaptureRecord): Html {
  const outcome = outcomeOf(record);
  const taken = KIND_WORDS[takenKind(record)].short;
  if (outcome.name === 'taken') {
    return chip({ ...outcome, word: `${taken.charAt(0).toUpperCase()}${taken.slice(1)} taken` });
  }
  return chip(
    record.state === 'downgraded' ? { ...outcome, word: `${outcome.word}, ${taken} instead` } : outcome,
  );
}

/** The chip of a list row: the word alone. */
export function outcomeWord(record: CaptureRecord): Html {
  return chip(outcomeOf(record));
}

const REFUSED: Outcome = { name: 'refused', icon: 'refused', word: 'Refused' };
const OUTCOMES: Readonly<Record<Exclude<CaptureState, 'succeeded'>, Outcome>> = {
  queued: { name: 'running', icon: 'running', word: 'Waiting' },
  running: { name: 'running', icon: 'running', word: 'Running' },
  failed: { name: 'failed', icon: 'failed', word: 'Failed' },
  refused: REFUSED,
  downgraded: REFUSED,
};

function successOf({ report }: CaptureRecord): Outcome {
  if (report !== null && report.suspect !== null) return { name: 'leak', icon: 'leak', word: 'Leak found' };
  if (report !== null && report.snapshots.length > 1) {
    return { name: 'clear', icon: 'check', word: 'No leak' };
  }
  return { name: 'taken', icon: 'check', word: 'Taken' };
}

function chip(outcome: Outcome): Html {
  return html`<span class="outcome-chip outcome-${outcome.name}">${icon(outcome.icon)}${outcome.word}</span>`;
}
