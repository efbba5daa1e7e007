import { Worker } from 'node:worker_threads';
import { OptionsError } from '@heapfloor/contract/errors';
import { ControlError } from './errors.ts';
import { createHeartbeatMemory, startBeating } from './heartbeat.ts';
import type { Log } from './log.ts';
import type { ControlOptionsInput } from './options.ts';
import type { ControlThreadData, ToMainThread } from './thread-messages.ts';

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
 * Starts the control endpoint in a thread of its own. It never keeps the process alive, adds no signal handler, and its
 * death is logged, not thrown.
 * @throws OptionsError with every problem at once; ControlError when the thread itself can't start.
 */
export async function startControl(
  input: Partial<ControlOptionsInput> = {},
  { env = {}, log = () => {} }: StartControlContext = {},
): Promise<ControlHandle> {
  const heartbeat = createHeartbeatMemory();
  const workerData: ControlThreadData = { input, env: pickEnvironment(env), heartbeat };
  const worker = new Worker(
    new URL(import.meta.url.endsWith('.ts') ? './endpoint/main.ts' : './endpoint/main.js', import.meta.url),
    {
      workerData,
      name: 'heapfloor-control',
      // Neither the app's --import hooks (they would run again here) nor its environment.
      execArgv: process.execArgv.filter((argument) => argument.startsWith('--conditions')),
      env: {},
      stdout: false,
    },
  );
  worker.unref();
  let beating: { readonly stop: () => void } | null = null;
  const address = await new Promise<string>((resolve, reject) => {
    worker.on('message', (message: ToMainThread) => {
      if (message.type === 'ready') resolve(message.address);
      if (message.type === 'failed') {
        reject(new OptionsError('CONTROL_OPTIONS', 'heapfloor control', message.problems));
        void worker.terminate();
      }
      if (message.type === 'log') log(message.event, message.fields);
      if (message.type !== 'beat') return;
      beating?.stop();
      beating = message.isBeating ? startBeating(heartbeat) : null;
    });
    worker.on('error', (error) => {
      log('control-thread-died', { error: error.message });
      reject(
        new ControlError('CONTROL_START_FAILED', `the control thread died: ${error.message}`, {
          kind: 'internal',
          cause: error,
        }),
      );
    });
  });
  return { address, stop: async () => stop(worker) };
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
  await new Promise<void>((resolve) => {
    worker.on('message', (message: ToMainThread) => {
      if (message.type === 'stopped') resolve();
    });
    worker.once('exit', () => resolve());
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's message has no origin
    worker.postMessage({ type: 'stop' });
  });
  await worker.terminate();
}
