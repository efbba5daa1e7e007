import { Worker } from 'node:worker_threads';
import { ControlError, ControlOptionsError } from './errors.ts';
import { createHeartbeatMemory, startBeating } from './heartbeat.ts';
import type { Log } from './log.ts';
import type { ControlOptionsInput } from './options.ts';
import type { ControlThreadData, ToControlThread, ToMainThread } from './thread-messages.ts';

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
  const started = awaitStart(worker, () => {});
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
    env: pickEnvironment(env),
    heartbeat: createHeartbeatMemory(),
  };
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: data,
    name: 'heapfloor-control',
    // Neither the app's --import hooks, which would run again here, nor its environment.
    execArgv: pickConditions(process.execArgv),
    env: {},
  });
  return Object.assign(worker, { data });
}

async function awaitStart(worker: ControlWorker, log: Log): Promise<ControlHandle | null> {
  let beating: { readonly stop: () => void } | null = null;
  return new Promise((resolve, reject) => {
    worker.on('message', (message: ToMainThread) => {
      switch (message.type) {
        case 'ready':
          resolve({ address: message.address, stop: async () => stop(worker) });
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
        case 'beat':
          beating?.stop();
          beating = message.isBeating ? startBeating(worker.data.heartbeat) : null;
          break;
        case 'stopped':
      }
    });
    worker.on('error', (error) => {
      log('control-thread-died', { error: error.message });
      reject(new ControlError('CONTROL_START_FAILED', `the control thread died: ${error.message}`, error));
    });
    worker.once('exit', () => {
      beating?.stop();
      reject(new ControlError('CONTROL_START_FAILED', 'the control thread ended before it listened'));
    });
  });
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

/** Only what control reads goes to its thread. */
function pickEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isRead(name)));
}

function isRead(name: string): boolean {
  return name.startsWith('HEAPFLOOR_CONTROL_') || name === 'OTEL_RESOURCE_ATTRIBUTES';
}

async function stop(worker: Worker): Promise<void> {
  const request: ToControlThread = { type: 'stop' };
  await new Promise<void>((resolve) => {
    worker.on('message', (message: ToMainThread) => {
      if (message.type === 'stopped') resolve();
    });
    worker.once('exit', () => resolve());
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's message has no origin
    worker.postMessage(request);
  });
  await worker.terminate();
}
