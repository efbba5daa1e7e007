import type {
  AllocationReport,
  ArtifactManifest,
  CaptureRecord,
  CaptureResponse,
  CaptureState,
  LeakReport,
  TimelineEntry,
} from '@heapfloor/contract';
import { formatBytes, formatDuration, formatRatio } from '../quantity-text.ts';

/** Pure changes of a capture record; each adds the sentence that a person reads in the timeline. */

/** The word for code is the entry's event, the sentence its detail. */
export function withEntry(
  record: CaptureRecord,
  now: Date,
  [event, detail]: readonly [event: string, detail: string],
): CaptureRecord {
  const entry: TimelineEntry = { at: now.toISOString(), event, detail };
  return { ...record, updatedAt: now.toISOString(), timeline: [...record.timeline, entry] };
}

export function withVerdict(record: CaptureRecord, { verdict }: CaptureResponse, now: Date): CaptureRecord {
  return withEntry({ ...record, verdict }, now, ['verdict', verdict.explanation]);
}

export function withCaptured(
  record: CaptureRecord,
  artifacts: readonly ArtifactManifest[],
  now: Date,
): CaptureRecord {
  const ordered = artifacts.toSorted((left, right) => left.startedAt.localeCompare(right.startedAt));
  return withEntry({ ...record, artifacts: ordered }, now, [
    'captured',
    ordered.map(describeArtifact).join(' '),
  ]);
}

export function withStored(record: CaptureRecord, tookMs: number, now: Date): CaptureRecord {
  const count = record.artifacts.length;
  const sizeBytes = record.artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0);
  const rate = `${formatBytes(sizeBytes)} in ${formatDuration(tookMs)}`;
  return withEntry(record, now, [
    'stored',
    `${countOf(count, 'file')} transferred and checked by SHA-256, ${rate}.`,
  ]);
}

export function withAnalysis(
  record: CaptureRecord,
  analysis: { report: LeakReport | null; allocations: AllocationReport | null },
  { now, tookMs }: { now: Date; tookMs: number },
): CaptureRecord {
  const found = `${describeFinding(analysis)} Analysed in ${formatDuration(tookMs)}.`;
  return withEntry({ ...record, ...analysis }, now, ['analysed', found]);
}

/** Trouble that leaves the artifacts as they are. */
export function withError(
  record: CaptureRecord,
  error: { code: string; message: string },
  now: Date,
): CaptureRecord {
  return withEntry({ ...record, error }, now, ['failed', `${error.code}: ${error.message}`]);
}

export function withState(record: CaptureRecord, state: CaptureState): CaptureRecord {
  return { ...record, state };
}

/** What the capture came to, by its verdict. */
export function finalState(record: CaptureRecord): CaptureState {
  if (record.verdict === null || record.artifacts.length === 0) return 'failed';
  return record.verdict.grantedKind === record.requestedKind ? 'succeeded' : 'downgraded';
}

function describeArtifact({ fileName, sizeBytes, stallMs }: ArtifactManifest): string {
  const stall = stallMs === null ? 'stall not measured' : `stall ${formatDuration(stallMs)}`;
  return `${fileName}: ${formatBytes(sizeBytes)}, ${stall}.`;
}

function describeFinding({ report, allocations }: Parameters<typeof withAnalysis>[1]): string {
  const suspect = report?.suspect ?? null;
  if (suspect !== null) {
    const growth = `${suspect.countDelta >= 0 ? '+' : ''}${suspect.countDelta} objects`;
    const share = formatRatio(suspect.shareOfGrowthRatio);
    return `${suspect.constructor} grew by ${growth} (${share} of the growth), held by ${suspect.holder}; confidence ${suspect.confidence}.`;
  }
  if (report !== null) return describeWithoutSuspect(report);
  const site = allocations?.sites[0];
  if (site === undefined) return 'The profile holds no allocation.';
  return `Most sampled bytes are allocated by ${site.functionName}: ${formatBytes(site.selfSizeBytes)}.`;
}

function describeWithoutSuspect(report: LeakReport): string {
  return report.snapshots.length < 2
    ? 'One snapshot: no comparison, so no suspect.'
    : `No suspect: the heap grew by ${formatBytes(report.growthBytes)} between the snapshots.`;
}

function countOf(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
