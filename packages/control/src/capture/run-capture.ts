import type { ArtifactManifest, CaptureCommand, CaptureKind, Verdict } from '@heapfloor/contract';
import { setTimeout as delay } from 'node:timers/promises';
import { explainRefusal, judgeNextSnapshot } from '../decide-capture.ts';
import { readFacts } from '../facts/read-facts.ts';
import type { CapturePolicy } from '../guards/guard.ts';
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
    await takeArtifact(run, isolate, 1);
    const isPair = run.kind === 'heap-snapshot' && run.command.snapshotCount === 2;
    if (!isPair) return null;
    await delay(run.command.snapshotGapMs);
    const facts = await readFacts(isolate, run.directory);
    const step = judgeNextSnapshot({ facts, policy: run.policy, state: { running: null, attempts: [] } });
    if (step.outcome === 'refused') return `The second ${explainRefusal(step)}`;
    await takeArtifact(run, isolate, 2);
    return null;
  });
}

async function takeArtifact(run: CaptureRun, isolate: MainIsolate, ordinal: number): Promise<void> {
  const { command, kind, directory, verdict, heart } = run;
  const fileName = `${command.captureId}.${ordinal}.${EXTENSION[kind]}`;
  const startedAt = new Date();
  const heapUsedBytes = await readHeapUsedBytes(isolate);
  const file = new ArtifactFile(directory, fileName);
  try {
    const stallMs = await measureStall(heart, async () => writeKind(run, isolate, file));
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
  } finally {
    file.discard();
  }
}

async function writeKind(
  { kind, command, timeoutMs }: CaptureRun,
  isolate: MainIsolate,
  file: ArtifactFile,
): Promise<void> {
  switch (kind) {
    case 'heap-snapshot':
      return takeHeapSnapshot(isolate, file, timeoutMs);
    case 'heap-profile':
      return takeHeapProfile(isolate, file, command.profileDurationMs);
    case 'diagnostic-report':
      return writeReport(isolate, file);
  }
}
