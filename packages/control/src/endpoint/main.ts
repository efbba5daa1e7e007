/**
 * The control thread: everything that control does, apart from the main thread's heartbeat, happens here. So it answers
 * while the main thread is paused, and zod, jose and the HTTP server cost the main thread nothing.
 */
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { describeError, formatProblemResponse, OptionsError, toProblemDetails } from '@heapfloor/contract';
import type { CaptureMessage } from '@heapfloor/contract/capture-channel';
import { createCaptures } from '../capture/captures.ts';
import { createMainIsolateLink } from '../capture/main-isolate.ts';
import { createOperationStore } from '../capture/operation-store.ts';
import { ControlError, cutText } from '../errors.ts';
import { readHeartbeat } from '../heartbeat.ts';
import type { Log } from '../log.ts';
import type { ControlThreadData, ToControlThread, ToMainThread } from '../thread-messages.ts';
import { createAuthenticate } from './authenticate.ts';
import { createHandler } from './create-handler.ts';
import { createReadHealth } from './health.ts';
import { listen } from './listen.ts';
import { resolveOptions } from './resolve-options.ts';

/** A slow client must not hold a connection for ever. Unit: ms. */
const REQUEST_TIMEOUT_MS = 10_000;

/** A receiver needs one or two. */
const MAX_CONNECTIONS = 16;
/** Longer than any answer takes; ends a download whose reader has gone. Unit: ms. */
const IDLE_TIMEOUT_MS = 60_000;

const port = parentPort;
if (port === null) throw new Error('this file is the control thread; call startControl() instead');
const send = (message: ToMainThread): void => port.postMessage(message);
const log: Log = (event, fields) => send({ type: 'log', event, fields });
const tell = (message: CaptureMessage): void => send({ type: 'capture', message });

try {
  send(await start(workerData as ControlThreadData));
} catch (error) {
  const problems = error instanceof OptionsError ? error.problems : [describeError(error)];
  send({ type: 'failed', problems });
}

async function start({ input, env, heartbeat }: ControlThreadData): Promise<ToMainThread> {
  const resolved = resolveOptions(input, env);
  if (resolved === null) return { type: 'off' };
  const { options, policy, artifactDirectory, address, publicKeysPem } = resolved;
  const { instance } = policy;
  const store = createOperationStore(artifactDirectory, options);
  const heart = {
    reader: readHeartbeat(heartbeat),
    setBeating: (isBeating: boolean) => send({ type: 'beat', isBeating }),
  };
  const link = createMainIsolateLink();
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT_MS);
  const allowedHosts: string[] = [];
  server.on(
    'request',
    createHandler({
      authenticate: await createAuthenticate(instance, publicKeysPem),
      captures: createCaptures({
        policy,
        timeoutMs: options.captureTimeoutMs,
        store,
        heart,
        link,
        log,
        tell,
      }),
      store,
      readHealth: createReadHealth(instance, link),
      allowedHosts: address.socketPath === null ? allowedHosts : null,
      log,
    }),
  );
  server.on('clientError', (error, socket) => {
    const refusal = new ControlError(
      'CONTROL_REQUEST_MALFORMED',
      `The request is not HTTP: ${cutText(error.message)}.`,
    );
    log('refused', { status: refusal.status, code: refusal.code, error: refusal.message });
    if (socket.writable) socket.end(formatProblemResponse(toProblemDetails(refusal)));
    else socket.destroy();
  });
  const listened = await listen(server, address);
  if (address.socketPath === null)
    allowedHosts.push(new URL(listened).host, `localhost:${new URL(listened).port}`);
  port?.on('message', ({ type }: ToControlThread) => {
    if (type !== 'stop') return;
    link.close();
    server.close(() => send({ type: 'stopped' }));
    server.closeAllConnections();
  });
  return { type: 'ready', address: listened };
}
