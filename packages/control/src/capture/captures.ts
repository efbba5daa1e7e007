import {
  describeError,
  type CaptureCommand,
  type CaptureKind,
  type CaptureOperation,
  type CaptureResponse,
  type ClusterChild,
  type Verdict,
} from '@heapfloor/contract';
import type { CaptureMessage } from '@heapfloor/contract/capture-channel';
import type { AuditLog } from '../audit/audit-log.ts';
import { decideCapture } from '../decide-capture.ts';
import { ControlError } from '../errors.ts';
import type { CaptureFacts, CapturePolicy, CaptureState } from '../guards/guard.ts';
import type { AttemptLedger } from '../ledger/attempt-ledger.ts';
import type { Log } from '../log.ts';
import type { OperationStore } from './operation-store.ts';
import { STOPPED_BY_COMMAND, type CaptureRun } from './capture-run.ts';

export interface CapturesOptions {
  readonly policy: CapturePolicy;
  readonly store: OperationStore;
  readonly ledger: AttemptLedger;
  readonly audit: AuditLog;
  readonly readFacts: (command: CaptureCommand) => Promise<CaptureFacts>;
  /** @returns why less was taken than was asked for; null when all was. */
  readonly run: (run: CaptureRun) => Promise<string | null>;
  /** Longest that a capture of this command can take; who has not ended by then has died. */
  readonly longestMs: (command: CaptureCommand) => number;
  /** Of a `cluster`. */
  readonly listChildren: () => ClusterChild[];
  readonly log: Log;
  readonly tell: (message: CaptureMessage) => void;
}

/** Who asks. */
export interface Requester {
  /** What the key may ask for; null for a key without limits, and for the signal. */
  readonly keyKinds: readonly CaptureKind[] | null;
  /** Thumbprint of the key; `signal` for the signal. */
  readonly keyId: string;
}

/** The one gate of all captures, whoever asks. */
export interface Captures {
  /** Decides and, if allowed, starts; the same id again gives the same operation. */
  readonly start: (command: CaptureCommand, by: Requester) => Promise<CaptureResponse>;
  /** Ends a profile or an inspector before its time; false for what does not run, or can't be ended. */
  readonly stop: (captureId: string) => boolean;
  /** Lets a kind be taken again after a process died while it was taken. */
  readonly reset: (kind: CaptureKind, by: string) => void;
  readonly isRunning: (captureId: string) => boolean;
  /** The control ends. */
  readonly stopAll: () => void;
  /** The thread dies: what runs ends, and is left as it stands on the disk; the next start tells that it was interrupted. */
  readonly abandon: () => void;
  /** Resolves when nothing runs. */
  readonly settled: () => Promise<void>;
}

/** V8 ends these only by itself. */
const UNSTOPPABLE: readonly CaptureKind[] = [
  'heap-snapshot',
  'near-heap-limit',
  'diagnostic-report',
  'metrics-summary',
];

interface Running {
  readonly captureId: string;
  readonly kind: CaptureKind;
  readonly startedAtMs: number;
  readonly stopping: AbortController;
  ended: Promise<void>;
}

export function createCaptures(options: CapturesOptions): Captures {
  const { policy, store, ledger, audit, log, tell } = options;
  let running: Running | null = null;
  let lastFacts: CaptureFacts | null = null;
  let isAbandoned = false;
  /** Decisions one after the other: two commands at once must not both find the gate free. */
  let turn: Promise<unknown> = Promise.resolve();

  async function decide(command: CaptureCommand, by: Requester): Promise<CaptureResponse> {
    const known = store.find(command.captureId);
    if (known !== null) return known;
    const { captureId, kind, isolate, dryRun, alertFingerprint } = command;
    audit.write('command', {
      action: 'capture',
      captureId,
      kind,
      isolate,
      dryRun,
      alertFingerprint,
      keyThumbprint: by.keyId,
    });
    const verdict = await judge(command, by);
    const { outcome, explanation, grantedKind } = verdict;
    log('verdict', { captureId, dryRun, outcome, explanation });
    audit.write('verdict', { captureId, kind, grantedKind, dryRun, outcome, reason: explanation });
    const operation = dryRun ? null : newOperation(command, verdict);
    if (operation === null) log('dry-run', { captureId });
    else if (grantedKind !== null) begin(command, operation, verdict);
    else {
      saveQuietly({ verdict, operation });
      tell({ type: 'ended', captureId, outcome: 'refused' });
    }
    const children = isolate === 'all' ? { children: options.listChildren() } : {};
    return { verdict, operation, ...children };
  }

  async function judge(command: CaptureCommand, { keyKinds }: Requester): Promise<Verdict> {
    const { alertStartsAt } = command;
    const state: CaptureState = { running, attempts: ledger.attempts(), lockouts: ledger.lockouts() };
    const facts = await gatherFacts(command);
    const request = { alertStartsAtMs: alertStartsAt === null ? null : Date.parse(alertStartsAt), keyKinds };
    return decideCapture(command, { request, facts, policy, state });
  }

  /** A main thread that a snapshot has paused can't be asked; single-flight refuses anyway. */
  async function gatherFacts(command: CaptureCommand): Promise<CaptureFacts> {
    if (running !== null && lastFacts !== null) return { ...lastFacts, nowMs: Date.now() };
    lastFacts = await options.readFacts(command);
    return lastFacts;
  }

  /** The attempt is on the disk before it starts: one that kills the process counts, and locks its kind out. */
  function begin(command: CaptureCommand, operation: CaptureOperation, verdict: Verdict): void {
    const { captureId } = command;
    const kind = verdict.grantedKind ?? command.kind;
    ledger.begin({ captureId, kind, instance: policy.instance, longestMs: options.longestMs(command) });
    saveQuietly({ verdict, operation });
    tell({ type: 'started', captureId });
    const stopping = new AbortController();
    const mine: Running = { captureId, kind, startedAtMs: Date.now(), stopping, ended: Promise.resolve() };
    running = mine;
    mine.ended = perform(command, { operation, verdict, kind, signal: stopping.signal }).finally(() => {
      running = null;
    });
  }

  /** On a full disk the record stays in memory, is answered from there, and is written with the next one. */
  function saveQuietly(response: CaptureResponse): void {
    try {
      store.save(response);
    } catch (error) {
      log('capture-not-recorded', {
        captureId: response.operation?.captureId ?? '',
        error: describeError(error),
      });
    }
  }

  async function perform(command: CaptureCommand, begun: Begun): Promise<void> {
    const { captureId } = command;
    let operation = begun.operation;
    const save = (change: Partial<CaptureOperation>): void => {
      operation = { ...operation, ...change };
      saveQuietly({ verdict: begun.verdict, operation });
    };
    let outcome: 'succeeded' | 'failed' = 'succeeded';
    let error: CaptureOperation['error'] = null;
    try {
      const shortfall = await options.run({
        ...begun,
        command,
        directory: store.directory,
        onArtifact(manifest) {
          store.saveManifest(manifest);
          save({ artifacts: [...operation.artifacts, manifest] });
        },
        onPhase: (phase) => save({ phase }),
        onIsolates: (isolates) => save({ isolates: [...isolates] }),
        onInspector: (inspector) => save({ inspector }),
      });
      if (shortfall !== null) error = { code: 'CONTROL_CAPTURE_INCOMPLETE', message: shortfall };
    } catch (reason) {
      outcome = 'failed';
      error =
        reason instanceof ControlError
          ? { code: reason.code, message: reason.message }
          : { code: 'CONTROL_CAPTURE_FAILED', message: describeError(reason) };
    }
    if (isAbandoned) return;
    ledger.end(captureId, outcome);
    tell({ type: 'ended', captureId, outcome });
    log(`capture-${outcome}`, { captureId, kind: begun.kind, error: error?.message ?? null });
    audit.write('outcome', {
      captureId,
      kind: begun.kind,
      outcome,
      artifactCount: operation.artifacts.length,
      reason: error?.message ?? null,
    });
    save({ state: outcome, phase: null, finishedAt: new Date().toISOString(), error });
  }

  return {
    start: async (command, by) => {
      const answer = turn.then(async () => decide(command, by));
      turn = answer.catch(() => {});
      return answer;
    },
    stop(captureId) {
      if (running?.captureId !== captureId || UNSTOPPABLE.includes(running.kind)) return false;
      running.stopping.abort(STOPPED_BY_COMMAND);
      return true;
    },
    reset(kind, by) {
      const captureIds = ledger.reset(kind, by);
      audit.write('reset', { kind, keyThumbprint: by, count: captureIds.length });
    },
    isRunning: (captureId) => running?.captureId === captureId,
    stopAll: () => running?.stopping.abort('the control ends'),
    abandon() {
      isAbandoned = true;
      running?.stopping.abort('the control dies');
    },
    settled: async () => running?.ended,
  };
}

interface Begun {
  readonly operation: CaptureOperation;
  readonly verdict: Verdict;
  readonly kind: CaptureKind;
  readonly signal: AbortSignal;
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
    phase: null,
    isolates: [],
    inspector: null,
    error: null,
  };
}
