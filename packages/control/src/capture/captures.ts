import {
  describeError,
  type CaptureCommand,
  type CaptureKind,
  type CaptureOperation,
  type CaptureResponse,
  type Verdict,
} from '@heapfloor/contract';
import { decideCapture } from '../decide-capture.ts';
import { readFacts } from '../facts/read-facts.ts';
import type { CaptureFacts } from '../guards/guard.ts';
import type { Log } from '../log.ts';
import type { ControlOptions } from '../options.ts';
import { readHeapUsedBytes, withMainIsolate } from './main-isolate.ts';
import type { Heart } from './measure-stall.ts';
import type { OperationStore } from './operation-store.ts';
import { runCapture } from './run-capture.ts';

export interface CapturesOptions {
  readonly instance: string;
  readonly policy: ControlOptions;
  readonly store: OperationStore;
  readonly heart: Heart;
  readonly log: Log;
}

/** The one gate of all captures. */
export interface Captures {
  /** Decides and, if allowed, starts; the same id again gives the same operation. */
  readonly start: (command: CaptureCommand) => Promise<CaptureResponse>;
  readonly find: (captureId: string) => CaptureResponse | null;
  readonly isRunning: (captureId: string) => boolean;
}

export function createCaptures(options: CapturesOptions): Captures {
  const { policy, store, log } = options;
  const lastAttempts: Partial<Record<CaptureKind, Date>> = {};
  let running: CaptureFacts['running'] = null;
  /** Decisions one after the other: two commands at once must not both find the gate free. */
  let turn: Promise<unknown> = Promise.resolve();

  async function gatherFacts(): Promise<CaptureFacts> {
    return readFacts({
      instance: options.instance,
      artifactDirectory: store.directory,
      readHeapUsedBytes: async () => withMainIsolate(readHeapUsedBytes),
      running,
      lastAttempts,
    });
  }

  async function decide(command: CaptureCommand): Promise<CaptureResponse> {
    const known = store.find(command.captureId);
    if (known !== null) return known;
    const verdict = decideCapture(command, await gatherFacts(), policy);
    log('verdict', {
      captureId: command.captureId,
      outcome: verdict.outcome,
      explanation: verdict.explanation,
    });
    if (command.dryRun) return { verdict, operation: null };
    const operation = newOperation(command, verdict);
    store.save({ verdict, operation });
    if (verdict.grantedKind !== null) begin(command, verdict, verdict.grantedKind);
    return { verdict, operation };
  }

  /** The attempt is noted before it starts: one that kills the process must count too. */
  function begin(command: CaptureCommand, verdict: Verdict, kind: CaptureKind): void {
    running = { captureId: command.captureId, kind };
    lastAttempts[kind] = new Date();
    void perform(command, verdict, kind).finally(() => {
      running = null;
    });
  }

  async function perform(command: CaptureCommand, verdict: Verdict, kind: CaptureKind): Promise<void> {
    const operation = newOperation(command, verdict);
    const artifacts: CaptureOperation['artifacts'] = [];
    const save = (end: Partial<CaptureOperation>): void =>
      store.save({ verdict, operation: { ...operation, artifacts, ...end } });
    const finish = (state: 'succeeded' | 'failed', error: CaptureOperation['error']): void => {
      log(`capture-${state}`, { captureId: command.captureId, kind, error: error?.message ?? null });
      save({ state, finishedAt: new Date().toISOString(), error });
    };
    try {
      const shortfall = await runCapture({
        command,
        verdict,
        kind,
        directory: store.directory,
        policy,
        heart: options.heart,
        readFacts: gatherFacts,
        onArtifact: (manifest) => {
          artifacts.push(manifest);
          store.saveManifest(manifest);
          save({});
        },
      });
      finish(
        'succeeded',
        shortfall === null ? null : { code: 'CONTROL_CAPTURE_SHORTENED', message: shortfall },
      );
    } catch (error) {
      finish('failed', { code: 'CONTROL_CAPTURE_FAILED', message: describeError(error) });
    }
  }

  return {
    start: async (command) => {
      const answer = turn.then(async () => decide(command));
      turn = answer.catch(() => {});
      return answer;
    },
    find: (captureId) => store.find(captureId),
    isRunning: (captureId) => running?.captureId === captureId,
  };
}

function newOperation(command: CaptureCommand, verdict: Verdict): CaptureOperation {
  const isRefused = verdict.grantedKind === null;
  return {
    captureId: command.captureId,
    state: isRefused ? 'refused' : 'running',
    kind: verdict.grantedKind,
    startedAt: verdict.evaluatedAt,
    finishedAt: isRefused ? verdict.evaluatedAt : null,
    artifacts: [],
    error: null,
  };
}
