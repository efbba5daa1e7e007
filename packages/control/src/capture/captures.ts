import {
  describeError,
  type CaptureCommand,
  type CaptureKind,
  type CaptureOperation,
  type CaptureResponse,
  type Verdict,
} from '@heapfloor/contract';
import type { CaptureMessage } from '@heapfloor/contract/capture-channel';
import { decideCapture } from '../decide-capture.ts';
import { readFacts } from '../facts/read-facts.ts';
import type { CaptureFacts, CapturePolicy, CaptureState } from '../guards/guard.ts';
import type { Log } from '../log.ts';
import type { MainIsolateLink } from './main-isolate.ts';
import type { Heart } from './measure-stall.ts';
import type { OperationStore } from './operation-store.ts';
import { runCapture } from './run-capture.ts';

export interface CapturesOptions {
  readonly policy: CapturePolicy;
  /** Longest wait for one snapshot. */
  readonly timeoutMs: number;
  readonly store: OperationStore;
  readonly heart: Heart;
  readonly link: MainIsolateLink;
  readonly log: Log;
  readonly tell: (message: CaptureMessage) => void;
}

/** The one gate of all captures. */
export interface Captures {
  /** Decides and, if allowed, starts; the same id again gives the same operation. */
  readonly start: (command: CaptureCommand) => Promise<CaptureResponse>;
  readonly isRunning: (captureId: string) => boolean;
}

export function createCaptures(options: CapturesOptions): Captures {
  const { policy, store, log, link, tell } = options;
  const attempts = store.attempts();
  let running: CaptureState['running'] = null;
  let lastFacts: CaptureFacts | null = null;
  /** Decisions one after the other: two commands at once must not both find the gate free. */
  let turn: Promise<unknown> = Promise.resolve();

  async function decide(command: CaptureCommand): Promise<CaptureResponse> {
    const known = store.find(command.captureId);
    if (known !== null) return known;
    const facts = await gatherFacts();
    const verdict = decideCapture(command, { facts, policy, state: { running, attempts } });
    const { outcome, explanation } = verdict;
    log('verdict', { captureId: command.captureId, dryRun: command.dryRun, outcome, explanation });
    if (command.dryRun) return { verdict, operation: null };
    const operation = newOperation(command, verdict);
    store.save({ verdict, operation });
    if (verdict.grantedKind !== null) begin(command, verdict, verdict.grantedKind);
    else tell({ type: 'ended', captureId: command.captureId, outcome: 'refused' });
    return { verdict, operation };
  }

  /** A main thread that a snapshot has paused can't be asked; single-flight refuses anyway. */
  async function gatherFacts(): Promise<CaptureFacts> {
    if (running !== null && lastFacts !== null) return { ...lastFacts, nowMs: Date.now() };
    lastFacts = await link.use(async (isolate) => readFacts(isolate, store.directory));
    return lastFacts;
  }

  /** The attempt is counted before it starts: one that fails counts too. */
  function begin(command: CaptureCommand, verdict: Verdict, kind: CaptureKind): void {
    const startedAtMs = Date.now();
    running = { captureId: command.captureId, kind, startedAtMs };
    attempts.push({ kind, startedAtMs });
    tell({ type: 'started', captureId: command.captureId });
    void perform(command, verdict, kind)
      .catch((error: unknown) => {
        // The end could not be written, on a full disk for example. The next start finds it interrupted.
        log('capture-not-recorded', { captureId: command.captureId, error: describeError(error) });
      })
      .finally(() => {
        running = null;
      });
  }

  async function perform(command: CaptureCommand, verdict: Verdict, kind: CaptureKind): Promise<void> {
    const operation = newOperation(command, verdict);
    const artifacts: CaptureOperation['artifacts'] = [];
    const save = (change: Partial<CaptureOperation>): void =>
      store.save({ verdict, operation: { ...operation, artifacts, ...change } });
    const finish = (state: 'succeeded' | 'failed', error: CaptureOperation['error']): void => {
      tell({ type: 'ended', captureId: command.captureId, outcome: state });
      log(`capture-${state}`, { captureId: command.captureId, kind, error: error?.message ?? null });
      save({ state, finishedAt: new Date().toISOString(), error });
    };
    try {
      const shortfall = await runCapture({
        ...options,
        command,
        verdict,
        kind,
        directory: store.directory,
        onArtifact: (manifest) => {
          artifacts.push(manifest);
          store.saveManifest(manifest);
          save({});
        },
      });
      const code = 'CONTROL_SECOND_SNAPSHOT_REFUSED';
      finish('succeeded', shortfall === null ? null : { code, message: shortfall });
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
