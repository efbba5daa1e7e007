import type { ArtifactManifest, CaptureCommand, CaptureKind, Verdict } from '@heapfloor/contract';
import { setTimeout as delay } from 'node:timers/promises';
import { explainRefusal, judgeNextSnapshot } from '../decide-capture.ts';
import { readFacts } from '../facts/read-facts.ts';
import type { CaptureFacts, CapturePolicy } from '../guards/guard.ts';
import { ArtifactFile } from './artifact-file.ts';
import { readHeapUsedBytes, type MainIsolate, type MainIsolateLink } from './main-isolate.ts';
import { measureStall, type Heart } from './measure-stall.ts';
import { takeHeapProfile } from './take-heap-profile.ts';
import { takeHeapSnapshot } from './take-heap-snapshot.ts';
import { writeReport } from './write-report.ts';

export interface CaptureRun {
  readonly command: CaptureCommand;
  readonly verdict: Verdict;
  readonly kind: CaptureKind;
  readonly directory: string;
  readonly policy: CapturePolicy;
  /** Longest wait for one snapshot. */
  readonly timeoutMs: number;
  readonly heart: Heart;
  readonly link: MainIsolateLink;
  /** Called for each artifact as soon as it is whole. */
  readonly onArtifact: (manifest: ArtifactManifest) => void;
}

const EXTENSION: Readonly<Record<CaptureKind, string>> = {
  'heap-snapshot': 'heapsnapshot',
  'heap-profile': 'heapprofile',
  'diagnostic-report': 'report.json',
};

/**
 * Takes what the verdict granted.
 * @returns why fewer snapshots were taken than asked for; null when all were.
 */
export async function runCapture(run: CaptureRun): Promise<string | null> {
  return run.link.use(async (isolate) => {
    const rssBeforeBytes = process.memoryUsage.rss();
    const heapBeforeBytes = await takeArtifact(run, isolate, 1);
    const isPair = run.kind === 'heap-snapshot' && run.command.snapshotCount === 2;
    if (!isPair) return null;
    await delay(run.command.snapshotGapMs);
    const measured = await readFacts(isolate, run.directory);
    const facts = { ...measured, reusableBytes: reusable(measured, { rssBeforeBytes, heapBeforeBytes }) };
    const step = judgeNextSnapshot({ facts, policy: run.policy, state: { running: null, attempts: [] } });
    if (step.outcome === 'refused') return `The second ${explainRefusal(step)}`;
    await takeArtifact(run, isolate, 2);
    return null;
  });
}

/**
 * What the first snapshot freed but the allocator keeps; the second takes it again, so it is no extra need. Measured on
 * Node 22, 24 and 26 with 60 to 100 MiB of small objects: rss stays 5 to 12 × heapUsed higher, and the peak of the second
 * snapshot is within 5 % of the first one's. Growth of the heap itself is not counted as free.
 */
export function reusable(
  { rssBytes, heapUsedBytes }: CaptureFacts,
  { rssBeforeBytes, heapBeforeBytes }: { rssBeforeBytes: number; heapBeforeBytes: number },
): number {
  return Math.max(0, rssBytes - rssBeforeBytes - Math.max(0, heapUsedBytes - heapBeforeBytes));
}

/** @returns heapUsed right before. */
async function takeArtifact(run: CaptureRun, isolate: MainIsolate, ordinal: number): Promise<number> {
  const { command, kind, directory, verdict } = run;
  const fileName = `${command.captureId}.${ordinal}.${EXTENSION[kind]}`;
  const startedAt = new Date();
  const heapUsedBytes = await readHeapUsedBytes(isolate);
  const file = new ArtifactFile(directory, fileName);
  try {
    const stallMs = await writeKind(run, isolate, file);
    run.onArtifact({
      fileName,
      kind,
      ...file.finish(),
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
      stallMs,
      captureId: command.captureId,
      alertFingerprint: command.alertFingerprint,
      instance: verdict.instance,
      pid: process.pid,
      isolate: 'main',
      nodeVersion: process.versions.node,
      v8Version: process.versions.v8,
      heapUsedBytes,
      verdict,
    });
    return heapUsedBytes;
  } finally {
    file.discard();
  }
}

async function writeKind(
  { kind, command, timeoutMs, heart }: CaptureRun,
  isolate: MainIsolate,
  file: ArtifactFile,
): Promise<number | null> {
  if (kind === 'heap-profile') {
    return takeHeapProfile(isolate, file, { durationMs: command.profileDurationMs, heart });
  }
  return measureStall(heart, async () =>
    kind === 'heap-snapshot' ? takeHeapSnapshot(isolate, file, timeoutMs) : writeReport(isolate, file),
  );
}
