import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import type { TlsOptions } from './read-tls-files.ts';

/** An agent whose sockets do not keep the process alive: a collector that hangs must not delay the app's exit. */
export function createUnrefAgent(protocol: string, tls: TlsOptions): http.Agent {
  if (protocol === 'https:') return unrefSockets(new https.Agent({ keepAlive: true, ...tls }));
  return unrefSockets(new http.Agent({ keepAlive: true }));
}

function unrefSockets(agent: http.Agent): http.Agent {
  const createConnection = agent.createConnection.bind(agent);
  const reuseSocket = agent.reuseSocket.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = createConnection(options, callback);
    // Not at once: with several addresses each attempt has a handle of its own.
    if (socket instanceof Socket) socket.on('connectionAttempt', () => socket.unref());
    return socket;
  };
  // Node refs a kept-alive socket again for its next request.
  agent.reuseSocket = (socket, request) => {
    reuseSocket(socket, request);
    if (socket instanceof Socket) socket.unref();
  };
  return agent;
}
