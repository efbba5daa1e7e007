import type { Socket } from 'node:net';
import { join } from 'node:path';
import { captureCommand, describeError, type CaptureCommand } from '@heapfloor/contract';
import { createAuditLog } from '../audit/audit-log.ts';
import { createAuditedLog } from '../audit/audited-log.ts';
import { createCaptures, type Captures } from '../capture/captures.ts';
import { createLearnedCosts } from '../capture/learned-costs.ts';
import { openIsolates, type OpenIsolates } from '../capture/isolates.ts';
import { createMainIsolateLink } from '../capture/main-isolate.ts';
import { createOperationStore } from '../capture/operation-store.ts';
import type { CaptureTools } from '../capture/capture-run.ts';
import { runCapture } from '../capture/run-capture.ts';
import { adoptArmed } from '../capture/run-near-heap-limit.ts';
import { createDrain } from '../drain/drain.ts';
import { ControlError } from '../errors.ts';
import { readFacts } from '../facts/read-facts.ts';
import type { CaptureFacts } from '../guards/guard.ts';
import { readHeartbeat } from '../heartbeat.ts';
import { createSessionLatch } from '../inspector/session-latch.ts';
import { ledgerPath, openAttemptLedger } from '../ledger/attempt-ledger.ts';
import { readOwnIdentity } from '../ledger/process-identity.ts';
import type { Log } from '../log.ts';
import { createProbeServer } from '../probe/create-probe-server.ts';
import { createLease } from '../probe/lease.ts';
import { createMainLoop } from '../probe/main-loop.ts';
import { deliverArtifact } from '../signal/deliver-artifact.ts';
import type { ControlThreadData, ToControlThread, ToMainThread } from '../thread-messages.ts';
import { writeLine } from '../write-line.ts';
import { createAuthenticate } from './authenticate.ts';
import { hasLiveOwner, keepClaim, KEEP_CLAIM_INTERVAL_MS } from './claim-directory.ts';
import { createHandler } from './create-handler.ts';
import { createControlServer } from './create-server.ts';
import { createReadHealth } from './health.ts';
import { createHostCheck } from './host-check.ts';
import { listClusterChildren } from './list-children.ts';
import { createNonceLedger } from './nonce-ledger.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** What is loaded when somebody asks for the first time. */
export interface Control {
  /** A connection of which nothing was read yet. */
  readonly accept: (socket: Socket) => void;
  readonly onMessage: (message: Exclude<ToControlThread, { type: 'stop' }>) => void;
  /** Ends every session to the main thread, at once: this thread dies. */
  readonly letGo: () => void;
  /** Lets go of the main thread, and gives its instance back to service. */
  readonly stop: () => Promise<void>;
}

interface Thread {
  readonly data: ControlThreadData;
  readonly send: (message: ToMainThread) => void;
  readonly log: Log;
}

/** How long an app that stops its control waits for the ends to be written. Unit: ms. */
const STOP_TIMEOUT_MS = 2_000;

export async function createControl(resolved: ResolvedOptions, thread: Thread): Promise<Control> {
  const { options, policy, artifactDirectory, base, service } = resolved;
  const { data, send, log } = thread;
  const { instance } = policy;
  const identity = readOwnIdentity();
  const store = createOperationStore(artifactDirectory, options, { hasLiveOwner });
  const audit = createAuditLog({ directory: artifactDirectory, log });
  const ledger = openAttemptLedger({ base, service, instance, self: identity });
  const learned = createLearnedCosts(ledgerPath(base, service).replace(/\.jsonl$/, '.costs.json'));
  const cells = new Int32Array(data.drainMemory);
  const loop = createMainLoop((question) => send({ type: 'ask', question }));
  const lease = createLease(loop);
  const drain = createDrain({
    cells,
    loop,
    send,
    log,
    noticeMs: options.drainNoticeMs,
    timeoutMs: options.drainTimeoutMs,
  });
  const latch = createSessionLatch(data.latchMemory);
  const link = createMainIsolateLink(latch);
  const heart = {
    reader: readHeartbeat(data.heartbeat),
    setBeating: (isBeating: boolean) => send({ type: 'beat', isBeating }),
  };
  const drainFacts = {
    isConfigured: resolved.isDrainConfigured,
    answersLiveness: resolved.probeAddress !== null,
  };
  const readFactsFor = async (command: CaptureCommand): Promise<CaptureFacts> =>
    link.use(async (main) => {
      const opened = await openIsolates(main, { wanted: command.isolate }).catch(unresponsive);
      await opened.close();
      if (opened.isolates.length === 0) throw notThere(command.isolate, opened);
      return readFacts(main, {
        command,
        artifactDirectory,
        base,
        heapUsedBytes: opened.isolates.map(({ heapUsedBytes }) => heapUsedBytes),
        killSwitchFile: options.killSwitchFile ?? null,
        learned: learned.read(),
        drain: drainFacts,
      });
    });
  const tools: CaptureTools = {
    policy,
    heart,
    link,
    drain,
    lease,
    latch,
    learned,
    audit,
    log,
    timeoutMs: options.captureTimeoutMs,
    readFacts: readFactsFor,
  };
  const captures = createCaptures({
    policy,
    store,
    ledger,
    audit,
    log,
    readFacts: readFactsFor,
    run: async (run) => runCapture(run, tools),
    listChildren: () => listClusterChildren(base, instance),
    longestMs: (command) => longestMs(command, options),
    tell: (message) => send({ type: 'capture', message }),
  });
  const endpointLog = createAuditedLog(log, audit);
  const server = await createControlServer(
    createHandler({
      authenticate: createAuthenticate({
        instance,
        log: endpointLog,
        keys: resolved.keys,
        nonces: createNonceLedger({ path: join(artifactDirectory, 'nonces.txt'), bootId: identity.bootId }),
      }),
      captures,
      store,
      log: endpointLog,
      readHealth: createReadHealth(instance, loop),
      isAllowedHost: resolved.address === null ? null : createHostCheck(resolved.address, resolved.tls),
    }),
    { tls: resolved.tls, log: endpointLog },
  );
  // It never listens itself, and this is what makes it look for slow requests.
  server.emit('listening');
  const probes =
    resolved.probeAddress === null
      ? null
      : await createProbeServer({
          cells,
          loop,
          lease,
          address: resolved.probeAddress,
          livenessTimeoutMs: options.livenessTimeoutMs,
        });
  const keeping = setInterval(() => keepClaim(artifactDirectory), KEEP_CLAIM_INTERVAL_MS);
  keeping.unref();
  audit.write('started', { instance, pid: process.pid });
  await adoptArmed(store, log);
  // At once, not with a capture: a main thread that is blocked and then exits in the same turn hears nothing more.
  send({ type: 'exit-note', note: ledger.exitNote });
  return {
    accept(socket) {
      server.emit('connection', socket);
      socket.resume();
    },
    onMessage(message) {
      if (message.type === 'turn') loop.onTurn(message.question);
      else if (message.type === 'drain-reply') drain.onReply(message);
      else void captureForSignal(captures, resolved, { store, audit, log });
    },
    letGo() {
      captures.abandon();
      link.close();
    },
    async stop() {
      clearInterval(keeping);
      captures.stopAll();
      link.close();
      await Promise.race([
        Promise.all([captures.settled(), drain.leave(), probes?.close()]),
        new Promise((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref()),
      ]);
      audit.write('stopped', { instance, pid: process.pid });
      server.closeAllConnections();
    },
  };
}

function notThere(isolate: string, { others, workersProblem }: OpenIsolates): ControlError {
  const reason = others.find((one) => one.reason !== null)?.reason ?? workersProblem ?? 'it does not answer';
  return new ControlError('CONTROL_ISOLATE_UNKNOWN', `Nothing can be taken of ${isolate}: ${reason}.`);
}

function unresponsive(error: unknown): never {
  throw new ControlError('CONTROL_MAIN_THREAD_UNRESPONSIVE', (error as Error).message, error);
}

/** Everything that a capture may wait for, and an hour is enough for all of it. */
function longestMs(command: CaptureCommand, options: ResolvedOptions['options']): number {
  const profileMs = Math.max(command.profileDurationMs, command.inspectorTtlMs);
  const snapshotsMs = command.snapshotCount * options.captureTimeoutMs + command.snapshotGapMs;
  return profileMs + snapshotsMs + options.drainNoticeMs + 3 * options.drainTimeoutMs;
}

interface SignalContext {
  readonly store: ReturnType<typeof createOperationStore>;
  readonly audit: ReturnType<typeof createAuditLog>;
  readonly log: Log;
}

/** The signal goes through the same gate; what it gets, and why not, is one line on stderr. */
async function captureForSignal(
  captures: Captures,
  { options, service }: ResolvedOptions,
  { store, audit, log }: SignalContext,
): Promise<void> {
  const captureId = `signal-${Date.now().toString(36)}-${process.pid.toString(36)}`;
  const signal = options.signal ?? '';
  audit.write('signal', { signal, captureId });
  try {
    const command = captureCommand.parse({
      action: 'capture',
      captureId,
      kind: 'heap-snapshot',
      alertFingerprint: null,
    });
    const { verdict, operation: begun } = await captures.start(command, { keyKinds: null, keyId: 'signal' });
    // Else it would wait for a capture of somebody else to say that it was refused for it.
    if (begun?.state === 'running') await captures.settled();
    const operation = store.find(captureId)?.operation;
    const to = { directory: options.snapshotDirectory ?? '', tag: options.snapshotTag ?? toTag(service) };
    const paths = (operation?.artifacts ?? []).map((artifact) =>
      deliverArtifact(to, artifact, store.directory),
    );
    const outcome = paths.length > 0 ? `wrote ${paths.join(', ')}. ` : '';
    writeLine(signal, `${outcome}${operation?.error?.message ?? verdict.explanation}`);
  } catch (error) {
    log('signal-failed', { signal, error: describeError(error) });
    writeLine(signal, describeError(error));
  }
}

function toTag(service: string): string {
  return service.replaceAll(/[^0-9A-Za-z._-]+/g, '-').slice(0, 64);
}
