/** The control thread of `capture-app.fixture.ts`: runs the function that a test gave, with the parts it is made to test. */
import { existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { ArtifactFile, ReservedFile } from '../capture/artifact-file.ts';
import { openIsolates } from '../capture/isolates.ts';
import { createMainIsolateLink, type MainIsolate } from '../capture/main-isolate.ts';
import { armNearHeapLimit } from '../capture/near-heap-limit.ts';
import { inProcessEngine } from '../capture/snapshot-engine.ts';
import { takeAllocationTimeline } from '../capture/take-allocation-timeline.ts';
import { takeCpuProfile } from '../capture/take-cpu-profile.ts';
import { takeHeapProfile } from '../capture/take-heap-profile.ts';
import { takeMetricsSummary } from '../capture/take-metrics-summary.ts';
import { watchRss } from '../capture/watch-rss.ts';
import { findWorkerChurn } from '../capture/worker-churn.ts';
import { writeSnapshotTo } from '../capture/write-snapshot.ts';
import { createLatchMemory, createSessionLatch } from '../inspector/session-latch.ts';

const parts = {
  delay,
  /** In the test's directory: how a test tells control something. */
  fileExists: (name: string): boolean => existsSync(join((workerData as ControlThreadInput).directory, name)),
  ArtifactFile,
  ReservedFile,
  openIsolates,
  armNearHeapLimit,
  inProcessEngine,
  takeAllocationTimeline,
  takeCpuProfile,
  takeHeapProfile,
  takeMetricsSummary,
  watchRss,
  findWorkerChurn,
  writeSnapshotTo,
};

export interface ControlTools extends Readonly<typeof parts> {
  readonly main: MainIsolate;
  readonly directory: string;
  /** Tells the test something, also while the main thread stands still. */
  readonly tell: (text: string) => void;
}

export interface ControlThreadInput {
  readonly source: string;
  readonly directory: string;
}

const { source, directory } = workerData as ControlThreadInput;
// Straight to the descriptor: `console.log` of a worker goes through the main thread's loop.
const tell = (text: string): void => void writeSync(1, `${text}\n`);
/**
 * Keeps this thread until the process ends. A loop that waits for inspector answers alone would end; and Node aborts the
 * process when a thread ends while the main thread lets go of its session, just as it does with workers.
 */
setInterval(() => {}, 1_000);

try {
  // oxlint-disable-next-line typescript/no-implied-eval -- the test's own function, sent as text because threads cannot pass one
  const run = new Function(`return (${source})`)() as (tools: ControlTools) => Promise<unknown>;
  const result = await createMainIsolateLink(createSessionLatch(createLatchMemory())).use(async (main) =>
    run({ ...parts, main, directory, tell }),
  );
  tell(JSON.stringify({ result: result ?? null }));
} catch (error) {
  tell(JSON.stringify({ error: (error as Error).message }));
}
