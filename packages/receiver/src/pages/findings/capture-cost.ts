import type { CaptureRecord } from '@heapfloor/contract';
import { countOf } from './capture-words.ts';
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
  const profile = artifacts.some(({ kind }) => kind === 'heap-profile');
  const what = snapshots > 0 ? countOf(snapshots, 'snapshot') : profile ? 'profile' : 'report';
  return `${what}, ${formatBytes(artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}`;
}
