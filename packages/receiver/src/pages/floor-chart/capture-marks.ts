import type { CaptureKind, CaptureRecord } from '@heapfloor/contract';
import { KIND_WORDS, snapshotLetter } from '../findings/capture-words.ts';
import { formatClockSeconds, formatDuration } from '../markup/format.ts';
import type { TimeAxis } from './time-axis.ts';

/** Two boxes of 14 px nearer than this share of a phone's plot would overlap. Unit: 1. */
const NEAREST_RATIO = 0.06;

/** Beside anything else they tell nothing of the heap. */
const SIDE_KINDS: readonly CaptureKind[] = ['diagnostic-report', 'metrics-summary'];

/** One artifact in the chart. */
export interface CaptureMark {
  readonly atMs: number;
  readonly letter: string;
  /** `02:14:46 · snapshot A, stall 31 ms`. */
  readonly text: string;
}

/** Marks that share a box, since they stand too close for one each. */
export interface MarkGroup {
  readonly position: number;
  readonly letters: string;
  readonly marks: readonly CaptureMark[];
}

/** What was captured, by time; report and summary only where there is nothing more telling. */
export function captureMarks(record: CaptureRecord): readonly CaptureMark[] {
  const telling = record.artifacts.filter(({ kind }) => !SIDE_KINDS.includes(kind));
  const shown = telling.length > 0 ? telling : record.artifacts;
  const byTime = shown.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  const snapshots = byTime.filter(({ kind }) => kind === 'heap-snapshot');
  return byTime.map((artifact) => {
    const { letter: kindLetter, short } = KIND_WORDS[artifact.kind];
    const isSnapshot = artifact.kind === 'heap-snapshot';
    const letter = isSnapshot ? snapshotLetter(snapshots.indexOf(artifact)) : kindLetter;
    const at = new Date(artifact.startedAt);
    const stall = artifact.stallMs === null ? '' : `, stall ${formatDuration(artifact.stallMs)}`;
    const what = isSnapshot ? `${short} ${letter}` : short;
    return { atMs: at.getTime(), letter, text: `${formatClockSeconds(at)} · ${what}${stall}` };
  });
}

/** Marks by position, neighbours that would overlap in one group. */
export function groupMarks(marks: readonly CaptureMark[], axis: TimeAxis): readonly MarkGroup[] {
  const groups: CaptureMark[][] = [];
  for (const mark of marks) {
    const last = groups.at(-1)?.at(-1);
    const near = last !== undefined && axis.at(mark.atMs) - axis.at(last.atMs) < NEAREST_RATIO;
    if (near) groups.at(-1)?.push(mark);
    else groups.push([mark]);
  }
  return groups.map((group) => ({
    position: group.reduce((total, { atMs }) => total + axis.at(atMs), 0) / group.length,
    letters: lettersOf(group),
    marks: group,
  }));
}

function lettersOf(group: readonly CaptureMark[]): string {
  const letters = group.map(({ letter }) => letter);
  return letters.length > 2 ? `${letters[0]}–${letters.at(-1)}` : letters.join('\u2009');
}
