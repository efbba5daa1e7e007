import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ARRIVED_COUNT, IN_FLIGHT_COUNT, IS_DRAINING } from './drain-cells.ts';

/** Node's own channels (nodejs.org/api/diagnostics_channel.html#built-in-channels); Node 22.18, the oldest that we support, has both. */
const HTTP_START = 'http.server.request.start';
/** Pushed streams too. Not `…stream.start`, which comes a tick later for those, when they may have closed already. */
const HTTP2_START = 'http2.server.stream.created';

/**
 * Counts this thread's HTTP requests in flight in shared memory, by `diagnostics_channel`: nothing is patched. An upgraded
 * connection (WebSocket, CONNECT) is not in flight, for Node publishes no request for it. Cost: 0.09 to 0.11 µs per request
 * (Node 22, 24, 26; median of 6 rounds of a million published requests on a kept connection, x64).
 */
export function countInFlight(cells: Int32Array): { readonly stop: () => void } {
  const openBySocket = new WeakMap<Socket, OpenCount>();

  function onRequest(message: unknown): void {
    const { socket, response } = message as RequestStart;
    const open = openBySocket.get(socket) ?? watchSocket(socket);
    open.count += 1;
    arrive();
    response.on('close', () => {
      if (open.count === 0) return; // the socket was first
      open.count -= 1;
      Atomics.sub(cells, IN_FLIGHT_COUNT, 1);
    });
    // Gives `Connection: close`, for Node decides it when it sends the headers. Behind a balancer of connections (HAProxy
    // 2.6, mode tcp) 12 of 12 drains fail without it and none with it; both lose no request. `closeIdleConnections()`
    // instead lost 48 there, and 3 behind one of requests (mode http): the next request is on its way already. A client
    // that pipelines must send its next request again (RFC 9112, 9.3.2).
    if (Atomics.load(cells, IS_DRAINING) === 1) response.shouldKeepAlive = false;
  }

  /** Node 22 forgets pipelined requests with their socket: their responses never close (measured; 24 and 26 do close them). */
  function watchSocket(socket: Socket): OpenCount {
    const open = { count: 0 };
    openBySocket.set(socket, open);
    socket.once('close', () => {
      Atomics.sub(cells, IN_FLIGHT_COUNT, open.count);
      open.count = 0;
    });
    return open;
  }

  /** No GOAWAY while draining: with it Node's own client lost requests that were on their way (4,384 of 8,089, none without). */
  function onStream(message: unknown): void {
    arrive();
    (message as { stream: EventEmitter }).stream.once('close', () => {
      Atomics.sub(cells, IN_FLIGHT_COUNT, 1);
    });
  }

  function arrive(): void {
    Atomics.add(cells, ARRIVED_COUNT, 1);
    Atomics.add(cells, IN_FLIGHT_COUNT, 1);
  }

  subscribe(HTTP_START, onRequest);
  subscribe(HTTP2_START, onStream);
  return {
    stop: () => {
      unsubscribe(HTTP_START, onRequest);
      unsubscribe(HTTP2_START, onStream);
    },
  };
}

interface OpenCount {
  count: number;
}

interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server: Server;
}
