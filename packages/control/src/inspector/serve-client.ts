import { threadId } from 'node:worker_threads';
import type { RawData, WebSocket } from 'ws';
import { createBridge } from './bridge.ts';
import { connectToMainIsolate } from './cdp-session.ts';
import { createOutbox } from './outbox.ts';
import type { SessionLatch } from './session-latch.ts';

/** Commands without an answer. DevTools sends whole source files at most. Unit: bytes. */
const MAX_UNANSWERED_BYTES = 32 * 2 ** 20;
const PINGS_PER_SILENCE = 4;

/** Of RFC 6455 §7.4.1. */
const CLOSE_GOING_AWAY = 1001;
const CLOSE_UNSUPPORTED_DATA = 1003;
const CLOSE_POLICY_VIOLATION = 1008;

export interface ClientLimits {
  readonly directory: string;
  readonly maxSpillBytes: number;
  /** A client that answers no ping and takes no message for so long has gone, whatever its tunnel says. */
  readonly clientSilenceMs: number;
}

export interface ServeOptions {
  readonly limits: ClientLimits;
  readonly latch: SessionLatch;
  /** Called once when the client has gone, with why it was dropped; null where it left by itself. */
  readonly onEnd: (dropReason: string | null) => void;
}

export interface ClientSession {
  /** The app goes on, now; the client is told and cut off. */
  readonly end: (reason: string) => void;
}

export function serveClient(
  socket: WebSocket,
  { limits: { directory, maxSpillBytes, clientSilenceMs }, latch, onEnd }: ServeOptions,
): ClientSession {
  let isEnded = false;
  let seenMs = performance.now();
  const seen = (): void => {
    seenMs = performance.now();
  };
  const drop = (reason: string, code = CLOSE_POLICY_VIOLATION): void => {
    if (end(code, reason)) onEnd(reason);
  };
  const outbox = createOutbox(socket, { directory, maxSpillBytes, onProgress: seen, onFailure: drop });
  latch.hold();
  const bridge = createBridge({
    connect: connectToMainIsolate,
    send: outbox.send,
    overload: drop,
    ownThreadId: threadId,
    maxUnansweredBytes: MAX_UNANSWERED_BYTES,
  });
  const watch = setInterval(() => {
    if (performance.now() - seenMs > clientSilenceMs)
      drop(`the client took nothing for ${clientSilenceMs} ms`);
    else socket.ping();
  }, clientSilenceMs / PINGS_PER_SILENCE);

  function end(code: number, reason: string): boolean {
    if (isEnded) return false;
    isEnded = true;
    clearInterval(watch);
    bridge.release();
    latch.release();
    outbox.close();
    socket.close(code, reason);
    socket.terminate(); // nobody waits for a client to say goodbye
    return true;
  }

  socket.on('message', (data: RawData, isBinary) => {
    seen();
    if (isBinary) drop('a binary message', CLOSE_UNSUPPORTED_DATA);
    else bridge.receive((data as Buffer).toString());
  });
  socket.on('pong', seen);
  let protocolError: string | null = null;
  socket.on('error', ({ message }) => {
    protocolError = message; // too large, or no WebSocket frame; ws closes then
  });
  socket.on('close', () => {
    if (end(CLOSE_GOING_AWAY, '')) onEnd(protocolError);
  });
  return { end: (reason) => end(CLOSE_GOING_AWAY, reason) };
}
