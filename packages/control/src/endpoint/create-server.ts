import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { formatProblemResponse, toProblemDetails } from '@heapfloor/contract/errors';
import { ControlError, cutText } from '../errors.ts';
import type { Log } from '../log.ts';
import { toContextOptions, type TlsSource } from './tls.ts';

export interface ControlServerOptions {
  /** Null for plain HTTP. */
  readonly tls: TlsSource | null;
  readonly log: Log;
  readonly limits?: Partial<ServerLimits>;
}

export const SERVER_LIMITS = {
  /** For a whole request, headers and empty body: a slow client must not hold a connection for ever. */
  requestTimeoutMs: 10_000,
  /** Longer than any answer takes; ends a download whose reader has gone. */
  idleTimeoutMs: 60_000,
  /** A token has some 500 bytes. */
  maxHeaderBytes: 8 * 1024,
};
export type ServerLimits = Readonly<typeof SERVER_LIMITS>;

/** The server with its limits; who speaks no HTTP, or too slowly, gets one answer and no connection. */
export async function createControlServer(
  listener: RequestListener,
  options: ControlServerOptions,
): Promise<Server> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const server = await create(options, {
    requestTimeout: limits.requestTimeoutMs,
    headersTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.requestTimeoutMs / 2,
    maxHeaderSize: limits.maxHeaderBytes,
  });
  server.setTimeout(limits.idleTimeoutMs);
  /** The last one of each socket. */
  const exchanges = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>();
  server.on('request', (request, response) => {
    exchanges.set(request.socket, { request, response });
    listener(request, response);
  });
  const handshakes = new WeakSet<Duplex>();
  // Before Node's own listener, which makes a `clientError` of it.
  server.prependListener('tlsClientError', (_error: Error, socket: Duplex) => handshakes.add(socket));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const refusal = handshakes.has(socket) ? null : toRefusal(error);
    const { status = null, code = 'TLS', message } = refusal ?? { message: cutText(error.message, 200) };
    options.log('refused', { status, code, error: message });
    const exchange = exchanges.get(socket);
    // Garbage behind a good request: an answer now would be taken for that request's, or lie in the midst of a file.
    const isAnswering = exchange?.request.complete === true && !exchange.response.writableFinished;
    if (refusal === null || isAnswering || !socket.writable) socket.destroy();
    else socket.end(formatProblemResponse(toProblemDetails(refusal)));
  });
  return server;
}

async function create({ tls, log }: ControlServerOptions, http: ServerOptions): Promise<Server> {
  if (tls === null) return createServer(http);
  const { createServer: createSecureServer } = await import('node:https');
  const server = createSecureServer({
    ...http,
    ...toContextOptions(tls.current()),
    handshakeTimeout: http.requestTimeout,
    requestCert: tls.isMutual,
    rejectUnauthorized: tls.isMutual,
  });
  // Before the listener that begins the handshake, so that this very connection is served with the new files.
  server.prependListener('connection', () => {
    const changed = tls.readChanged((problem) => log('tls-files-kept', { problem }));
    if (changed === null) return;
    server.setSecureContext(toContextOptions(changed));
    log('tls-files-changed', {});
  });
  return server;
}

function toRefusal(error: NodeJS.ErrnoException): ControlError {
  switch (error.code ?? '') {
    case 'HPE_HEADER_OVERFLOW':
      return new ControlError(
        'CONTROL_HEADERS_TOO_LARGE',
        'The headers are too large; a token has some 500 bytes.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ControlError('CONTROL_REQUEST_TIMEOUT', 'The request did not come whole in time.');
    default:
      return new ControlError(
        'CONTROL_REQUEST_MALFORMED',
        `The request is not HTTP: ${cutText(error.message)}.`,
      );
  }
}
