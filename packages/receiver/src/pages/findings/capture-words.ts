import type { AlertEvent, CaptureKind, CaptureRecord } from '@heapfloor/contract';

interface KindWords {
  /** `Heap snapshot`. */
  readonly name: string;
  /** `snapshot`, where the context says the rest. */
  readonly short: string;
  /** What the file is, in the list of files. */
  readonly file: string;
  /** Letter at its mark in the floor chart; snapshots count A, B instead. */
  readonly letter: string;
}

export const KIND_WORDS: Readonly<Record<CaptureKind, KindWords>> = {
  'heap-snapshot': { name: 'Heap snapshot', short: 'snapshot', file: 'heap snapshot', letter: 'S' },
  'heap-profile': { name: 'Heap profile', short: 'profile', file: 'heap sampling profile', letter: 'P' },
  'diagnostic-report': {
    name: 'Diagnostic report',
    short: 'report',
    file: 'process, versions, native stacks',
    letter: 'R',
  },
  'metrics-summary': {
    name: 'Metrics summary',
    short: 'summary',
    file: 'heap spaces, memory, event loop in numbers',
    letter: 'M',
  },
  'cpu-profile': { name: 'CPU profile', short: 'CPU profile', file: 'CPU profile', letter: 'C' },
  'allocation-timeline': {
    name: 'Allocation timeline',
    short: 'timeline',
    file: 'heap snapshot with the time and place of each allocation',
    letter: 'T',
  },
  'near-heap-limit': {
    name: 'Snapshot near the heap limit',
    short: 'near-limit snapshot',
    file: 'heap snapshot, taken by V8 near the limit',
    letter: 'L',
  },
  inspector: { name: 'Inspector', short: 'inspector', file: 'inspector', letter: 'I' },
};

/** The name in the midst of a sentence: `heap snapshot`, `CPU profile`. */
export function kindInText(kind: CaptureKind): string {
  const { name } = KIND_WORDS[kind];
  return /^[A-Z][a-z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

/** Labels that name the service when no target does, the most telling first. */
const SERVICE_LABELS = ['service_name', 'service', 'job', 'app'] as const;
const INSTANCE_LABELS = ['service_instance_id', 'instance', 'pod'] as const;

/** The service as the registry names it, else as the alert does. */
export function serviceOf(record: Pick<CaptureRecord, 'target' | 'alert'>): string {
  return record.target?.service ?? labelOf(record.alert, SERVICE_LABELS) ?? 'unknown service';
}

/** The instance likewise; null when nothing names it. */
export function instanceOf(record: Pick<CaptureRecord, 'target' | 'alert'>): string | null {
  return record.target?.instance ?? labelOf(record.alert, INSTANCE_LABELS) ?? null;
}

/** `A` for the first snapshot, `B` for the second. */
export function snapshotLetter(index: number): string {
  return String.fromCharCode(65 + (index % 26));
}

/** `1 snapshot`, `2 snapshots`. */
export function countOf(count: number, noun: string): string {
  return `${count}\u00a0${noun}${count === 1 ? '' : 's'}`;
}

/** The text as a sentence: a capital first, a stop at the end. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  const stop = /[.!?…:)]$/u.test(trimmed) || trimmed === '' ? '' : '.';
  // A code word (heapUsed, src/app.js) keeps its spelling.
  const starts = /^\p{Ll}+(?=[\s,]|$)/u.test(trimmed);
  return (starts ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) : trimmed) + stop;
}

function labelOf(alert: AlertEvent, names: readonly string[]): string | undefined {
  return names.map((name) => alert.labels[name]).find((value) => value !== undefined && value !== '');
}
