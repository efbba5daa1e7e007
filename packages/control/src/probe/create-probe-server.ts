import { chmodSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { IS_DRAINING, IS_UP } from '../drain/drain-cells.ts';
import { listen, type ListenAddress } from '../endpoint/listen.ts';
import type { Lease } from './lease.ts';
import type { MainLoop } from './main-loop.ts';

export interface ProbeServerOptions {
  readonly address: ListenAddress;
  readonly cells: Int32Array;
  readonly loop: MainLoop;
  readonly lease: Lease;
  /** A main loop that is silent for longer is not live, outside a lease. */
  readonly livenessTimeoutMs: number;
}

export interface ProbeServer {
  /** `http://127.0.0.1:9466` or `unix:/path`. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** A probe is one small request. Unit: ms. */
const REQUEST_TIMEOUT_MS = 2_000;
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;
/** Before a 503: a process that was stopped and goes on answers within this. Less than any prober's time-out. Unit: ms. */
const LAST_WORD_MS = 100;

/**
 * `GET /livez` and `GET /readyz`, in the control thread, so also while the main thread stands still. Without authentication:
 * an orchestrator has no key. So it holds no secret, changes nothing, and asks the main loop at most ten times a second.
 */
export async function createProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 2,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void answer(options, request, response),
  );
  server.setTimeout(REQUEST_TIMEOUT_MS, (socket) => void socket.destroy());
  server.on('clientError', (_error, socket) => void socket.destroy());
  limitConnections(server);
  const address = await listen(server, options.address);
  // The prober is seldom the app's own user; the folder's mode says who may reach the socket.
  if (options.address.socketPath !== null) chmodSync(options.address.socketPath, 0o666);
  return { address, close: async () => close(server) };
}

interface ProbeAnswer {
  readonly status: number;
  readonly reason: string;
}

async function answer(
  options: ProbeServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, reason } = await decide(options, request);
  const text = `${JSON.stringify({ status: status === 200 ? 'ok' : 'failed', reason })}\n`;
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      // A kept connection that ends between two probes would look like a failed probe.
      connection: 'close',
      ...(status === 405 && { allow: 'GET, HEAD' }),
    })
    .end(text);
}

async function decide(options: ProbeServerOptions, request: IncomingMessage): Promise<ProbeAnswer> {
  const { method = '', url = '' } = request;
  const path = url.split('?', 1)[0];
  if (path !== '/livez' && path !== '/readyz') return { status: 404, reason: 'there are /livez and /readyz' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, reason: 'probes are GET or HEAD' };
  return path === '/livez' ? checkLiveness(options) : checkReadiness(options);
}

async function checkLiveness({ lease, loop, livenessTimeoutMs }: ProbeServerOptions): Promise<ProbeAnswer> {
  loop.ask();
  const leaseMs = lease.remainingMs();
  if (leaseMs > 0) {
    return { status: 200, reason: `a capture may hold the main thread for ${Math.ceil(leaseMs)} ms more` };
  }
  return checkLoop(loop, livenessTimeoutMs);
}

async function checkReadiness({ cells, loop, livenessTimeoutMs }: ProbeServerOptions): Promise<ProbeAnswer> {
  if (Atomics.load(cells, IS_DRAINING) === 1) {
    return { status: 503, reason: 'out of service for a capture' };
  }
  if (Atomics.load(cells, IS_UP) === 0) return { status: 503, reason: 'the app is not up yet' };
  loop.ask();
  // No lease counts here: who waits for the main thread had better be served elsewhere.
  return checkLoop(loop, livenessTimeoutMs);
}

async function checkLoop(loop: MainLoop, livenessTimeoutMs: number): Promise<ProbeAnswer> {
  if (loop.silentMs() > livenessTimeoutMs && !(await loop.isAnswering(LAST_WORD_MS))) {
    const silentMs = Math.round(loop.silentMs());
    return {
      status: 503,
      reason: `the main loop did not turn for ${silentMs} ms; more than ${livenessTimeoutMs} ms is not live`,
    };
  }
  return { status: 200, reason: 'the main loop turns' };
}

/** The oldest gives way: with a plain limit whoever holds connections open could make the prober fail, and so end the app. */
function limitConnections(server: Server): void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (sockets.size > MAX_CONNECTIONS) sockets.values().next().value?.destroy();
  });
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
