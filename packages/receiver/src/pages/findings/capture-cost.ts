import { CAPTURE_KINDS, type CaptureKind, type CaptureRecord } from '@heapfloor/contract';
import { countOf, KIND_WORDS } from './capture-words.ts';
import { formatBytes, formatDuration } from '../markup/format.ts';

/** The longest stall; what was not measured is not nothing. */
export function costOf({ artifacts }: CaptureRecord): string | null {
  if (artifacts.length === 0) return null;
  const stalls = artifacts.map(({ stallMs }) => stallMs).filter((ms) => ms !== null);
  if (stalls.length === 0) return 'stall not measured';
  const longest = formatDuration(Math.max(...stalls));
  return stalls.length > 1 ? `longest stall ${longest}` : `stall ${longest}`;
}

/** `2 snapshots, 340.8 MiB`: what the evidence is. */
export function evidenceText({ artifacts }: CaptureRecord): string | null {
  if (artifacts.length === 0) return null;
  const snapshots = artifacts.filter(({ kind }) => kind === 'heap-snapshot').length;
  const what = snapshots > 0 ? countOf(snapshots, 'snapshot') : KIND_WORDS[mostTelling(artifacts)].short;
  return `${what}, ${formatBytes(artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}`;
}

/** The dearest: kinds stand in the order of their cost. */
function mostTelling(artifacts: CaptureRecord['artifacts']): CaptureKind {
  const kinds = artifacts.map(({ kind }) => kind);
  return CAPTURE_KINDS.findLast((kind) => kinds.includes(kind)) ?? 'diagnostic-report';
}
