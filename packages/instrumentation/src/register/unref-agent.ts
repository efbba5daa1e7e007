import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import { createBoundedLookup } from './bounded-lookup.ts';
import type { TlsOptions } from './read-tls-files.ts';
import { startDeadline } from './start-deadline.ts';

/** An agent whose sockets do not keep the process alive: a collector that hangs must not delay the app's exit. */
export function createUnrefAgent(protocol: string, tls: TlsOptions): http.Agent {
  const options = { keepAlive: true, lookup: createBoundedLookup() };
  if (protocol === 'https:') return unrefSockets(new https.Agent({ ...options, ...tls }));
  return unrefSockets(new http.Agent(options));
}

/** A connection that is being made holds the process, `unref` or not, and for minutes where a firewall drops packets. */
export const CONNECT_DEADLINE_MS = 2000;

function unrefSockets(agent: http.Agent): http.Agent {
  const createConnection = agent.createConnection.bind(agent);
  const reuseSocket = agent.reuseSocket.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = createConnection(options, callback);
    if (!(socket instanceof Socket)) return socket;
    // Not at once: with several addresses each attempt has a handle of its own.
    socket.on('connectionAttempt', () => socket.unref());
    limitConnect(socket);
    return socket;
  };
  // Node refs a kept-alive socket again for its next request.
  agent.reuseSocket = (socket, request) => {
    reuseSocket(socket, request);
    if (socket instanceof Socket) socket.unref();
  };
  return agent;
}

function limitConnect(socket: Socket): void {
  const cancel = startDeadline(CONNECT_DEADLINE_MS, () => socket.destroy(noConnection()));
  socket.once('connect', cancel);
  socket.once('close', cancel);
}

function noConnection(): Error {
  const message = `no connection within ${CONNECT_DEADLINE_MS} ms`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
