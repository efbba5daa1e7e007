import { once, EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptureRecord, FloorSample } from '@heapfloor/contract';
import { createControlClient } from '../control/control-client.ts';
import {
  startControlStub,
  type ControlStub,
  type ControlStubOptions,
} from '../control/control-stub.fixture.ts';
import { createKeyPair } from '../control/key-pair.ts';
import type { LogEntry } from '../log.ts';
import { createJobRunner, type JobRunner } from './job-runner.ts';
import type { JobStore } from './job-store.ts';
import { buildJob } from './job.fixture.ts';
import { runCapture, type Analyse, type AnalysisRequest } from './run-capture.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';

export interface RunnerBench {
  readonly store: JobStore;
  readonly directory: string;
  readonly socketPath: string;
  readonly logs: LogEntry[];
  readonly analysed: AnalysisRequest[];
  /** Id of the queued capture. */
  readonly id: string;
  startStub(differs?: Partial<ControlStubOptions>): Promise<ControlStub>;
  startRunner(differs?: RunnerOptions): JobRunner;
  /** Resolves with the record when a log line with the event was written, also if it was before. */
  waitFor(event: string): Promise<CaptureRecord>;
  close(): Promise<void>;
}

export interface RunnerOptions {
  readonly maxAttempts?: number;
  readonly leaseMs?: number;
  readonly captureDeadlineMs?: number;
  readonly analyse?: Analyse;
  readonly floorSamples?: readonly FloorSample[];
}

const analyseNothing: Analyse = async () => ({ report: null, allocations: null });

function clock(): Date {
  return new Date();
}

/** A queued capture, its journal, and the means to start an app and a runner for it. */
export async function createRunnerBench(): Promise<RunnerBench> {
  const directory = await mkdtemp(join(tmpdir(), 'heapfloor-runner-'));
  const socketPath = join(directory, 'app', 'control.sock');
  const store = createSqliteJobStore(join(directory, 'jobs.sqlite'));
  const keys = createKeyPair();
  const logs: LogEntry[] = [];
  const logged = new EventEmitter();
  const analysed: AnalysisRequest[] = [];
  const stubs: ControlStub[] = [];
  const runners: JobRunner[] = [];
  const job = buildJob({ now: new Date() });
  await store.enqueue(job);

  const logEvent = (level: LogEntry['level'], event: string, fields: object = {}): void => {
    logs.push({ at: '', level, event, ...fields });
    logged.emit(event);
  };

  return {
    store,
    directory,
    socketPath,
    logs,
    analysed,
    id: job.record.id,
    async startStub(differs = {}) {
      const stub = await startControlStub({
        socketPath,
        instance: 'shop-1',
        publicKeyPem: keys.publicKeyPem,
        artifacts: { 'a.heapsnapshot': 'first', 'b.heapsnapshot': 'second' },
        ...differs,
      });
      stubs.push(stub);
      return stub;
    },
    startRunner({
      maxAttempts = 3,
      leaseMs = 15_000,
      captureDeadlineMs = 10_000,
      analyse = analyseNothing,
      floorSamples = [],
    } = {}) {
      const artifactsDirectory = join(directory, 'artifacts');
      const runner = createJobRunner({
        store,
        artifactsDirectory,
        clock,
        logEvent,
        policy: { leaseMs, maxAttempts, maxConcurrentCaptures: 2, retryBaseMs: 1 },
        run: async (record, tools) =>
          runCapture(record, {
            ...tools,
            artifactsDirectory,
            clock,
            logEvent,
            captureDeadlineMs,
            control: createControlClient({
              address: `unix:${socketPath}`,
              instance: 'shop-1',
              privateKeyPem: keys.privateKeyPem,
            }),
            analyse: async (request, signal) => {
              analysed.push(request);
              return analyse(request, signal);
            },
            readFloorHistory: async () => floorSamples,
            command: { snapshotCount: 2, snapshotGapMs: 0, profileDurationMs: 1000 },
          }),
      });
      runners.push(runner);
      runner.start();
      return runner;
    },
    async waitFor(event) {
      if (!logs.some((entry) => entry.event === event)) await once(logged, event);
      const record = await store.read(job.record.id);
      if (record === null) throw new Error('the capture is gone');
      return record;
    },
    async close() {
      await Promise.all(runners.map(async (runner) => runner.stop()));
      await Promise.all(stubs.map(async (stub) => stub.close().catch(() => {})));
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}
