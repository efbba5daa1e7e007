import { once } from 'node:events';
import { createServer, STATUS_CODES, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { ControlError } from '../errors.ts';
import type { Log } from '../log.ts';
import { admit } from './admit.ts';

/** One message of a client. DevTools' largest is a source file that somebody edited. Unit: bytes. */
const MAX_MESSAGE_BYTES = 16 * 2 ** 20;
const MAX_CONNECTIONS = 16;
const REQUEST_TIMEOUT_MS = 5_000;
/** The rest is only counted: a web page can knock without end. */
const MAX_LOGGED_REFUSALS = 10;

export interface GateOptions {
  readonly port: number;
  readonly token: string;
  readonly log: Log;
  /** Called once at most. */
  readonly onClient: (socket: WebSocket) => void;
}

export interface Gate {
  readonly port: number;
  readonly refusedCount: () => number;
  /** Resolves when nothing listens any more and the last connection has gone. */
  readonly close: () => Promise<void>;
}

/** Listens on loopback and lets one client in, who knows the token. */
export async function openGate({ port, token, log, onClient }: GateOptions): Promise<Gate> {
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1_000,
  });
  server.maxConnections = MAX_CONNECTIONS;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  let isTaken = false;
  let refusedCount = 0;

  function refuse(socket: Duplex, status: 404 | 409, reason: string): void {
    refusedCount += 1;
    if (refusedCount <= MAX_LOGGED_REFUSALS) log('inspector-refused', { status, reason });
    writeRefusal(socket, status);
  }

  server.on('request', ({ socket }) => refuse(socket, 404, 'no WebSocket'));
  server.on('clientError', (_error, socket) => refuse(socket, 404, 'no HTTP'));
  server.on('upgrade', (request, socket, head) => {
    const admission = admit(request, { token, isTaken });
    if (!admission.isAdmitted) refuse(socket, admission.status, admission.reason);
    else {
      sockets.handleUpgrade(request, socket, head, (client) => {
        isTaken = true; // in the same turn as the judgement: nobody comes between
        onClient(client);
      });
    }
  });
  return {
    port: await listenOnLoopback(server, port),
    refusedCount: () => refusedCount,
    async close() {
      isTaken = true;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listenOnLoopback(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `The inspector cannot listen on 127.0.0.1:${port} (${code}); ask for another port, or 0 for a free one`;
    throw new ControlError('CONTROL_CAPTURE_FAILED', message, error);
  }
  return (server.address() as AddressInfo).port;
}

/** The same bytes for everybody who has no business here. */
function writeRefusal(socket: Duplex, status: 404 | 409): void {
  socket.on('error', () => {}); // whoever it was has gone
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  socket.end(head, () => socket.destroy());
}
