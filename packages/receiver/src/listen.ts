import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatProblemResponse, toProblemDetails } from '@heapfloor/contract';
import { cutText, ReceiverError } from './errors.ts';
import type { LogEvent } from './log.ts';

export interface Listener {
  readonly port: number;
  /** Ends idle connections at once and busy ones after a grace period. */
  close(): Promise<void>;
}

/** A page that is being sent may finish; a large download may not hold up the stop. Unit: ms. */
const CLOSE_GRACE_MS = 5000;

export async function listen(
  listener: RequestListener,
  { host, port, logEvent }: { host: string; port: number; logEvent?: LogEvent },
): Promise<Listener> {
  const server = createServer(listener);
  server.on('clientError', (error, socket) => {
    const refusal = new ReceiverError(
      'RECEIVER_REQUEST_MALFORMED',
      `The request is not HTTP: ${cutText(error.message, 80)}.`,
    );
    logEvent?.('warn', 'refused', { code: refusal.code, status: refusal.status, error: refusal.message });
    if (socket.writable) socket.end(formatProblemResponse(toProblemDetails(refusal)));
    else socket.destroy();
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ReceiverError(
      'RECEIVER_LISTEN',
      `${host}:${port} cannot be listened on (${code}). Choose another host or port.`,
      { cause: error },
    );
  }
  return { port: (server.address() as AddressInfo).port, close: async () => close(server) };
}

async function close(server: Server): Promise<void> {
  const grace = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(grace);
}
