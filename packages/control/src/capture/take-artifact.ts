import type { ArtifactManifest, CaptureKind } from '@heapfloor/contract';
import { SNAPSHOT_KINDS } from '../guards/guard.ts';
import { predictLeaseMs } from '../probe/lease.ts';
import { ArtifactFile, ReservedFile, type WrittenFile } from './artifact-file.ts';
import type { Isolate } from './isolates.ts';
import { readHeapUsedBytes } from './main-isolate.ts';
import { measureStall } from './measure-stall.ts';
import type { CaptureRun, CaptureTools } from './capture-run.ts';
import { inProcessEngine } from './snapshot-engine.ts';
import { takeAllocationTimeline } from './take-allocation-timeline.ts';
import { takeCpuProfile } from './take-cpu-profile.ts';
import { takeHeapProfile } from './take-heap-profile.ts';
import { takeMetricsSummary } from './take-metrics-summary.ts';
import { watchRss } from './watch-rss.ts';
import { writeReport } from './write-report.ts';

/** Kinds that leave one file per isolate. */
type FileKind = Exclude<CaptureKind, 'near-heap-limit' | 'inspector'>;

const EXTENSION: Readonly<Record<FileKind, string>> = {
  'metrics-summary': 'metrics.json',
  'diagnostic-report': 'report.json',
  'heap-profile': 'heapprofile',
  'cpu-profile': 'cpuprofile',
  'allocation-timeline': 'heaptimeline',
  'heap-snapshot': 'heapsnapshot',
};

export interface ArtifactRun extends CaptureRun {
  readonly kind: FileKind;
  /** Number of the file within its capture, from 1. */
  readonly ordinal: number;
}

/** One file of one isolate, with its manifest; what a snapshot cost is learnt for the next prediction. */
export async function takeArtifact(isolate: Isolate, run: ArtifactRun, tools: CaptureTools): Promise<void> {
  const { command, kind, verdict, ordinal } = run;
  const fileName = `${command.captureId}.${ordinal}.${EXTENSION[kind]}`;
  const startedAt = new Date().toISOString();
  const heapUsedBytes = await readHeapUsedBytes(isolate);
  const rss = watchRss();
  const heart = isolate.isolate === 'main' ? tools.heart : null;
  const { written, stallMs } = await WRITE[kind]({ ...run, isolate, fileName, tools, heart });
  const rssGrowthBytes = Math.max(0, rss.stop());
  const manifest: ArtifactManifest = {
    fileName,
    kind,
    ...written,
    startedAt,
    stallMs,
    heapUsedBytes,
    rssGrowthBytes,
    verdict,
    finishedAt: new Date().toISOString(),
    captureId: command.captureId,
    alertFingerprint: command.alertFingerprint,
    instance: verdict.instance,
    pid: process.pid,
    isolate: isolate.isolate,
    nodeVersion: process.versions.node,
    v8Version: process.versions.v8,
  };
  run.onArtifact(manifest);
  if (kind === 'heap-snapshot' && isolate.isolate === 'main') learn(manifest, tools);
  else if (SNAPSHOT_KINDS.includes(kind)) tools.learned.spoil();
}

interface Taken {
  readonly written: WrittenFile;
  /** Of the main thread; null for workers, and where it did not beat before or after. */
  readonly stallMs: number | null;
}

interface Work extends ArtifactRun {
  readonly isolate: Isolate;
  readonly fileName: string;
  readonly tools: CaptureTools;
  /** Null for a worker. */
  readonly heart: CaptureTools['heart'] | null;
}

const WRITE: Readonly<Record<FileKind, (work: Work) => Promise<Taken>>> = {
  'heap-snapshot': async (work) =>
    writtenByV8(work, async (path) => {
      const { isolate, tools } = work;
      await inProcessEngine.take({ isolate, path, timeoutMs: tools.timeoutMs });
    }),
  'allocation-timeline': async (work) =>
    writtenByV8(work, async (path) => {
      const { isolate, tools } = work;
      await takeAllocationTimeline(isolate, { path, timeoutMs: tools.timeoutMs, ...timeBoxOf(work) });
    }),
  'heap-profile': async (work) =>
    writtenByUs(work, async (file) =>
      takeHeapProfile(work.isolate, file, { ...timeBoxOf(work), heart: work.heart }),
    ),
  'cpu-profile': async (work) =>
    writtenByUs(work, async (file) => {
      await takeCpuProfile(work.isolate, file, timeBoxOf(work));
      return null;
    }),
  'diagnostic-report': async (work) =>
    writtenByUs(work, async (file) => stallOf(work, async () => writeReport(work.isolate, file))),
  'metrics-summary': async (work) =>
    writtenByUs(work, async (file) => {
      await takeMetricsSummary(work.isolate, file);
      return null;
    }),
};

function timeBoxOf({ command, signal }: Work): { durationMs: number; signal: AbortSignal } {
  return { durationMs: command.profileDurationMs, signal };
}

/** Liveness is answered for the main thread as long as the pause was predicted to take, twice over. */
async function stallOf(work: Work, act: () => Promise<void>): Promise<number | null> {
  const { heart, tools } = work;
  if (heart === null) {
    await act();
    return null;
  }
  const { lease } = tools;
  lease.begin(predictLeaseMs(predictedPauseMs(work)));
  try {
    return await measureStall(heart, act);
  } finally {
    lease.end();
  }
}

/** As the pause guard allowed it. */
function predictedPauseMs({ verdict, kind }: ArtifactRun): number {
  const step = verdict.steps.find((one) => one.kind === kind && one.outcome === 'allowed');
  return step?.guards.find(({ guard }) => guard === 'pause')?.numbers['predictedPauseMs'] ?? 0;
}

async function writtenByUs(
  { directory, fileName }: Work,
  write: (file: ArtifactFile) => Promise<number | null>,
): Promise<Taken> {
  const file = new ArtifactFile(directory, fileName);
  try {
    const stallMs = await write(file);
    return { stallMs, written: file.finish() };
  } finally {
    file.discard();
  }
}

async function writtenByV8(work: Work, write: (path: string) => Promise<void>): Promise<Taken> {
  const file = new ReservedFile(work.directory, work.fileName);
  try {
    const stallMs = await stallOf(work, async () => write(file.temporaryPath));
    return { stallMs, written: await file.finish() };
  } finally {
    file.discard();
  }
}

function learn(manifest: ArtifactManifest, { learned, log }: CaptureTools): void {
  const { heapUsedBytes, rssGrowthBytes, stallMs, sizeBytes, nodeVersion, finishedAt } = manifest;
  if (rssGrowthBytes === null || stallMs === null) return;
  try {
    learned.learn({
      heapUsedBytes,
      rssGrowthBytes,
      stallMs,
      fileBytes: sizeBytes,
      nodeVersion,
      at: finishedAt,
    });
  } catch (error) {
    log('cost-not-learnt', { error: (error as Error).message });
  }
}
