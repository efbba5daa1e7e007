import type { InspectorAccess } from '@heapfloor/contract';
import type { Log } from '../log.ts';
import { createToken } from './admit.ts';
import { openGate } from './open-gate.ts';
import { proveClosed, type ClosingProof } from './prove-closed.ts';
import { serveClient, type ClientSession } from './serve-client.ts';
import type { SessionLatch } from './session-latch.ts';

/** Whatever a command says. */
const MAX_TTL_MS = 600_000;

export interface InspectorOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly ttlMs: number;
  /** Where messages wait that the client is too slow for; nothing is left there. */
  readonly directory: string;
  readonly log: Log;
  readonly latch: SessionLatch;
  readonly maxSpillBytes?: number;
  readonly clientSilenceMs?: number;
}

export type InspectorEndReason = 'ttl' | 'client left' | 'client dropped' | 'stopped' | 'control stopped';

export interface InspectorEnd extends ClosingProof {
  readonly reason: InspectorEndReason;
  /** Why the client was dropped; null where it was not. */
  readonly detail: string | null;
}

export interface OpenInspector {
  readonly access: InspectorAccess;
  /** Never rejects. */
  readonly closed: Promise<InspectorEnd>;
  /** Lets the app go on before it returns, and resolves with the proof. */
  readonly close: (reason?: 'stopped' | 'control stopped') => Promise<InspectorEnd>;
}

/**
 * A DevTools server in the control thread, for one client and a limited time. Node's own debug port is never opened: it
 * tells its id to everybody on the machine at `/json/list`, and stays open until somebody remembers it.
 */
export async function openInspector(options: InspectorOptions): Promise<OpenInspector> {
  const { log, latch, directory, maxSpillBytes = 2 ** 30, clientSilenceMs = 60_000 } = options;
  const token = createToken();
  let client: ClientSession | null = null;
  let resolveClosed: (end: InspectorEnd) => void;
  const closed = new Promise<InspectorEnd>((resolve) => {
    resolveClosed = resolve;
  });
  let isEnding = false;
  function end(reason: InspectorEndReason, detail: string | null = null): void {
    if (isEnding) return;
    isEnding = true;
    clearTimeout(timer);
    client?.end(reason);
    void prove(reason, detail).then(resolveClosed);
  }

  async function prove(reason: InspectorEndReason, detail: string | null): Promise<InspectorEnd> {
    await gate.close();
    const proof = await proveClosed(gate.port);
    log('inspector-closed', { port: gate.port, reason, detail, ...proof, refusedCount: gate.refusedCount() });
    return { reason, detail, ...proof };
  }

  const gate = await openGate({
    port: options.port,
    token,
    log,
    onClient(socket) {
      log('inspector-client-came', { port: gate.port });
      client = serveClient(socket, {
        limits: { directory, maxSpillBytes, clientSilenceMs },
        latch,
        onEnd: (dropReason) => end(dropReason === null ? 'client left' : 'client dropped', dropReason),
      });
    },
  });
  const ttlMs = Math.min(options.ttlMs, MAX_TTL_MS);
  const expiresAt = new Date(Date.now() + ttlMs).toISOString();
  const timer = setTimeout(() => end('ttl'), ttlMs);
  log('inspector-opened', { port: gate.port, expiresAt });
  const webSocketUrl = `ws://127.0.0.1:${gate.port}/${token}`;
  return {
    access: { webSocketUrl, port: gate.port, expiresAt, provenClosedAt: null },
    closed,
    close: async (reason = 'stopped') => {
      end(reason);
      return closed;
    },
  };
}
