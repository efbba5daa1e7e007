/**
 * The control thread: everything that control does, apart from the main thread's few parts, happens here. So it answers while
 * the main thread is paused. While nobody asks it only waits on a socket: `node:http`, zod and jose take 30 MB of a thread, so
 * they come with the first connection (or signal, or probe).
 */
import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { describeError, OptionsError } from '@heapfloor/contract/errors';
import type { Log } from '../log.ts';
import type { ControlThreadData, ToControlThread, ToMainThread } from '../thread-messages.ts';
import type { Control } from './create-control.ts';
import { listen, warnAboutExposure } from './listen.ts';
import { resolveOptions, type ResolvedOptions } from './resolve-options.ts';

/** A receiver needs one or two. */
const MAX_CONNECTIONS = 32;

const port = parentPort;
if (port === null) throw new Error('this file is the control thread; call startControl() instead');
const send = (message: ToMainThread): void => port.postMessage(message);
// A thread that ends by itself right after a session to the main thread makes Node abort (1 in 100 on Node 24); the main
// thread ends this one instead.
const atDeath = { letGo: (): void => {} };
process.on('uncaughtException', (error) => {
  // First of all: a main thread that stands at a breakpoint of ours hears nothing.
  atDeath.letGo();
  send({ type: 'died', message: describeError(error) });
});
const log: Log = (event, fields) => send({ type: 'log', event, fields });

try {
  send(await start(workerData as ControlThreadData));
} catch (error) {
  const problems = error instanceof OptionsError ? error.problems : [describeError(error)];
  send({ type: 'failed', problems });
}

async function start(data: ControlThreadData): Promise<ToMainThread> {
  const resolved = resolveOptions(data.input, data.env, data);
  if (resolved === null) return { type: 'off' };
  const { address, options } = resolved;
  const load = createLoad(resolved, data);
  atDeath.letGo = load.letGo;
  // Paused: the server that comes later reads from the first byte on.
  const server = createServer({ pauseOnConnect: true }, (socket) => void accept(load, socket));
  server.maxConnections = MAX_CONNECTIONS;
  const listened = address === null ? null : await listen(server, address);
  const warning = address === null ? null : warnAboutExposure(address);
  if (warning !== null) log('listen-without-tls', { warning });
  // A probe must not wait for what is loaded at the first one.
  if (resolved.probeAddress !== null) await load();
  else if (resolved.hasLeftovers)
    load().catch((error: unknown) => log('control-not-loaded', { error: describeError(error) }));
  port?.on('message', (message: ToControlThread) => {
    if (message.type === 'stop') {
      server.close();
      void load.stop().then(() => send({ type: 'stopped' }));
    } else if (load.isLoaded() || message.type === 'signal') forward(load, message);
  });
  return {
    type: 'ready',
    address: listened,
    signal: options.signal ?? null,
    counts: resolved.isDrainConfigured,
  };
}

interface Load {
  (): Promise<Control>;
  readonly isLoaded: () => boolean;
  readonly letGo: () => void;
  readonly stop: () => Promise<void>;
}

/** Once, at the first use. */
function createLoad(resolved: ResolvedOptions, data: ControlThreadData): Load {
  let loading: Promise<Control> | null = null;
  let loaded: Control | null = null;
  const load = async (): Promise<Control> => {
    loading ??= import('./create-control.ts').then(async ({ createControl }) => {
      loaded = await createControl(resolved, { data, send, log });
      return loaded;
    });
    return loading;
  };
  return Object.assign(load, {
    isLoaded: () => loading !== null,
    letGo: () => loaded?.letGo(),
    async stop() {
      await loading?.then(async (control) => control.stop()).catch(() => {});
    },
  });
}

async function accept(load: Load, socket: Socket): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    (await load()).accept(socket);
  } catch (error) {
    log('control-not-loaded', { error: describeError(error) });
    socket.destroy();
  }
}

function forward(load: Load, message: Exclude<ToControlThread, { type: 'stop' }>): void {
  load().then(
    (control) => control.onMessage(message),
    (error: unknown) => log('control-not-loaded', { error: describeError(error) }),
  );
}
