import type { Cluster } from 'node:cluster';
import { isMainThread, Worker } from 'node:worker_threads';
import { claimProcess } from './claim-process.ts';
import { createDrainMemory } from './drain/drain-cells.ts';
import type { DrainHooks } from './drain/run-hooks.ts';
import { ControlError, ControlOptionsError } from './errors.ts';
import { createHeartbeatMemory } from './heartbeat.ts';
import { awaitLetGo, createLatchMemory } from './inspector/session-latch.ts';
import type { Log } from './log.ts';
import { createMainThreadParts } from './main-thread-parts.ts';
import type { ControlOptionsInput } from './options.ts';
import type { ControlThreadData, ToControlThread, ToMainThread } from './thread-messages.ts';
import { writeLine } from './write-line.ts';

export interface StartControlContext extends DrainHooks {
  /** Environment to read `HEAPFLOOR_CONTROL_*` and `OTEL_RESOURCE_ATTRIBUTES` from; none when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets one entry per verdict, capture and refused request; silent by default. */
  readonly log?: Log;
}

export interface ControlHandle {
  /** `unix:/path`, `http://127.0.0.1:port` or `https://…`; null where only the signal asks. */
  readonly address: string | null;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the control endpoint in a thread of its own. From then on it does not keep the process alive; it adds no signal
 * handler, and its death is logged, not thrown.
 * @returns null when no kind is enabled.
 * @throws ControlOptionsError with every problem at once; ControlError when the thread itself can't start.
 */
export async function startControl(
  input: ControlOptionsInput = {},
  context: StartControlContext = {},
): Promise<ControlHandle | null> {
  const worker = createWorker(input, context);
  try {
    return await awaitStart(worker, context);
  } finally {
    // Not before: with nothing else to do the process would end in the middle of the caller's await.
    worker.unref();
  }
}

/** As {@link startControl}, for who does not wait: the app may end before the endpoint listens. */
export async function startControlUnheld(env: NodeJS.ProcessEnv): Promise<void> {
  const worker = createWorker({}, { env });
  const started = awaitStart(worker, { log: logToStderr });
  // After the listeners: adding one to a Worker refs it again.
  worker.unref();
  await started;
}

type ControlWorker = Worker & { readonly data: ControlThreadData };

function createWorker(input: object, { env = {}, onDrain, onReturn }: StartControlContext): ControlWorker {
  const file = import.meta.url.endsWith('.ts') ? './endpoint/main.ts' : './endpoint/main.js';
  const data: ControlThreadData = {
    input: { ...input },
    env: pick(env, (name) => name.startsWith('HEAPFLOOR_CONTROL_') || OTHER_VARIABLES.includes(name)),
    heartbeat: createHeartbeatMemory(),
    drainMemory: createDrainMemory(),
    latchMemory: createLatchMemory(),
    hasHooks: onDrain !== undefined || onReturn !== undefined,
    clusterWorkerId: readClusterWorkerId(),
  };
  if (!isMainThread) {
    throw new ControlError(
      'CONTROL_NOT_MAIN_THREAD',
      'control captures the main isolate; start it in the main thread',
    );
  }
  assertInspectorAllowed();
  const release = claimProcess();
  try {
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      name: 'heapfloor-control',
      // Neither the app's --import hooks, which would run again here, nor its environment but for `os.tmpdir()`.
      execArgv: pickConditions(process.execArgv),
      env: pick(process.env, (name) => TEMPORARY_DIRECTORY.includes(name)),
    });
    worker.once('exit', release);
    return Object.assign(worker, { data });
  } catch (error) {
    release();
    throw error;
  }
}

/** Without the permission Node does not refuse a session to the main thread, it aborts (22, 24 and 26). */
function assertInspectorAllowed(): void {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission === undefined || permission.has('inspector')) return;
  throw new ControlError(
    'CONTROL_START_FAILED',
    'node --permission without --allow-inspector: control reaches the main thread by an inspector session; allow it (Node 26), or drop --permission',
  );
}

/** `node:cluster` takes 5 MB of who does not use it; a child of a cluster has a channel to its parent. */
function readClusterWorkerId(): number | null {
  if (process.channel === undefined) return null;
  return (process.getBuiltinModule('node:cluster') as unknown as Cluster).worker?.id ?? null;
}

const OTHER_VARIABLES = [
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_SERVICE_NAME',
  'HEAPFLOOR_SNAPSHOT_DIR',
  'HEAPFLOOR_SNAPSHOT_TAG',
];
const TEMPORARY_DIRECTORY = ['TMPDIR', 'TMP', 'TEMP'];

async function awaitStart(
  worker: ControlWorker,
  context: StartControlContext,
): Promise<ControlHandle | null> {
  const log = quietly(context.log ?? (() => {}));
  const { drainMemory, heartbeat } = worker.data;
  const parts = createMainThreadParts(worker, { drainMemory, heartbeat, hooks: context });
  let isListening = false;
  let stopped: Promise<void> | null = null;
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  letGoAtExit(worker);
  return new Promise((resolve, reject) => {
    worker.on('message', (message: ToMainThread) => {
      switch (message.type) {
        case 'ready':
          isListening = true;
          parts.begin(message);
          resolve({ address: message.address, stop: async () => (stopped ??= stop(worker, ended)) });
          break;
        case 'off':
          resolve(null);
          void worker.terminate();
          break;
        case 'failed':
          reject(new ControlOptionsError(message.problems));
          void worker.terminate();
          break;
        case 'log':
          log(message.event, message.fields);
          break;
        case 'stopped':
          break;
        case 'died':
          onDeath(new Error(message.message));
          void worker.terminate();
          break;
        case 'ask':
        case 'beat':
        case 'capture':
        case 'drain':
        case 'exit-note':
          parts.onMessage(message);
      }
    });
    const onDeath = (error: Error): void => {
      log('control-thread-died', { error: error.message });
      if (isListening) writeLine('CONTROL_THREAD_DIED', `${error.message}; control is off, the app goes on`);
      reject(new ControlError('CONTROL_START_FAILED', `the control thread died: ${error.message}`, error));
    };
    worker.on('error', onDeath);
    worker.once('exit', () => {
      parts.end();
      reject(new ControlError('CONTROL_START_FAILED', 'the control thread ended before it listened'));
    });
  });
}

/** Some ms are enough, but 500 were not with ten busy threads per two cores; one that hangs must not hold the app's end. Unit: ms. */
const LET_GO_TIMEOUT_MS = 2_000;

/** A capture that runs when the app ends must let go of it: under --inspect the process waits for every session. */
function letGoAtExit(worker: ControlWorker): void {
  const request: ToControlThread = { type: 'stop' };
  const letGo = (): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's message has no origin
    worker.postMessage(request);
    awaitLetGo(worker.data.latchMemory, LET_GO_TIMEOUT_MS);
  };
  process.once('exit', letGo);
  worker.once('exit', () => process.off('exit', letGo));
}

/** What was asked of the app and refused or taken is said where the app's operator looks. */
function logToStderr(event: string, fields: Parameters<Log>[1]): void {
  if (event !== 'control-thread-died') writeLine(event, JSON.stringify(fields));
}

/** A logger that fails is the app's affair, but must not become its uncaught exception by way of us. */
function quietly(log: Log): Log {
  return (event, fields) => {
    try {
      log(event, fields);
    } catch {
      // There is nowhere else to say it.
    }
  };
}

/** Package conditions decide which files are resolved, so the thread must have those of the app; in all their spellings. */
export function pickConditions(execArgv: readonly string[]): string[] {
  return execArgv.flatMap((argument, index) => {
    if (argument.startsWith('--conditions=')) return [argument];
    const value = execArgv[index + 1];
    const isPair = (argument === '--conditions' || argument === '-C') && value !== undefined;
    return isPair ? [`--conditions=${value}`] : [];
  });
}

/** The thread gets what it reads, no more: the app's environment holds secrets. */
function pick(
  env: Readonly<Record<string, string | undefined>>,
  isWanted: (name: string) => boolean,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isWanted(name)));
}

/** @param ended - resolves with the thread's end, which may have come already. */
async function stop(worker: Worker, ended: Promise<void>): Promise<void> {
  const request: ToControlThread = { type: 'stop' };
  // Else an app with nothing left to do would end in the middle of its `await control.stop()`.
  worker.ref();
  const closed = new Promise<void>((resolve) => {
    worker.on('message', (message: ToMainThread) => {
      if (message.type === 'stopped') resolve();
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's message has no origin
    worker.postMessage(request);
  });
  await Promise.race([closed, ended]);
  await worker.terminate();
}
