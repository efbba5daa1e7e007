import { channel } from 'node:diagnostics_channel';
import { isMainThread, Worker } from 'node:worker_threads';
import { CAPTURE_CHANNEL } from '@heapfloor/contract/capture-channel';
import { claimProcess } from './claim-process.ts';
import { ControlError, ControlOptionsError } from './errors.ts';
import { createHeartbeatMemory, startBeating } from './heartbeat.ts';
import type { Log } from './log.ts';
import type { ControlOptionsInput } from './options.ts';
import type { ControlThreadData, ToControlThread, ToMainThread } from './thread-messages.ts';
import { writeLine } from './write-line.ts';

export interface StartControlContext {
  /** Environment to read `HEAPFLOOR_CONTROL_*` and `OTEL_RESOURCE_ATTRIBUTES` from; none when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets one entry per verdict, capture and refused request; silent by default. */
  readonly log?: Log;
}

export interface ControlHandle {
  /** `unix:/path` or `http://127.0.0.1:port`. */
  readonly address: string;
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
  const worker = createWorker(input, context.env ?? {});
  try {
    return await awaitStart(worker, context.log ?? (() => {}));
  } finally {
    // Not before: with nothing else to do the process would end in the middle of the caller's await.
    worker.unref();
  }
}

/** As {@link startControl}, for who does not wait: the app may end before the endpoint listens. */
export async function startControlUnheld(env: NodeJS.ProcessEnv): Promise<void> {
  const worker = createWorker({}, env);
  const started = awaitStart(worker, logToStderr);
  // After the listeners: adding one to a Worker refs it again.
  worker.unref();
  await started;
}

interface MainThreadData extends ControlThreadData {
  readonly heartbeat: SharedArrayBuffer;
}

type ControlWorker = Worker & { readonly data: MainThreadData };

function createWorker(input: object, env: StartControlContext['env'] & object): ControlWorker {
  const file = import.meta.url.endsWith('.ts') ? './endpoint/main.ts' : './endpoint/main.js';
  const data: MainThreadData = {
    input: { ...input },
    env: pick(env, (name) => name.startsWith('HEAPFLOOR_CONTROL_') || name === 'OTEL_RESOURCE_ATTRIBUTES'),
    heartbeat: createHeartbeatMemory(),
  };
  if (!isMainThread) {
    throw new ControlError(
      'CONTROL_NOT_MAIN_THREAD',
      'control captures the main isolate; start it in the main thread',
    );
  }
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

const TEMPORARY_DIRECTORY = ['TMPDIR', 'TMP', 'TEMP'];

async function awaitStart(worker: ControlWorker, log: Log): Promise<ControlHandle | null> {
  const captures = channel(CAPTURE_CHANNEL);
  let beating: { readonly stop: () => void } | null = null;
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
          captures.publish({ type: 'ready' });
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
          quietly(log)(message.event, message.fields);
          break;
        case 'capture':
          captures.publish(message.message);
          break;
        case 'beat':
          beating?.stop();
          beating = message.isBeating ? startBeating(worker.data.heartbeat) : null;
          break;
        case 'stopped':
      }
    });
    worker.on('error', (error) => {
      quietly(log)('control-thread-died', { error: error.message });
      if (isListening) writeLine('CONTROL_THREAD_DIED', `${error.message}; control is off, the app goes on`);
      reject(new ControlError('CONTROL_START_FAILED', `the control thread died: ${error.message}`, error));
    });
    worker.once('exit', () => {
      beating?.stop();
      reject(new ControlError('CONTROL_START_FAILED', 'the control thread ended before it listened'));
    });
  });
}

/** A capture that runs when the app ends must let go of it: under --inspect the process waits for every session. */
function letGoAtExit(worker: Worker): void {
  const request: ToControlThread = { type: 'stop' };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's message has no origin
  const letGo = (): void => worker.postMessage(request);
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
