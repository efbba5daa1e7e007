import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const TRY_COUNT = 5;
const TRY_GAP_MS = 50;
const TRY_TIMEOUT_MS = 1_000;

export interface ClosingProof {
  /** When a connection was refused; null where none was. */
  readonly provenClosedAt: string | null;
  /** Why it is not proven; null where it is. */
  readonly doubt: string | null;
}

/** Knocks at a loopback port that must be closed. */
export async function proveClosed(port: number): Promise<ClosingProof> {
  let outcome = '';
  for (let attempt = 0; attempt < TRY_COUNT; attempt += 1) {
    if (attempt > 0) await delay(TRY_GAP_MS);
    outcome = await knock(port);
    if (outcome === 'ECONNREFUSED') return { provenClosedAt: new Date().toISOString(), doubt: null };
  }
  const doubt =
    outcome === 'connected'
      ? `the inspector has closed, but something else accepts connections on 127.0.0.1:${port} now`
      : `the inspector has closed, but a connection to 127.0.0.1:${port} ends with ${outcome} instead of ECONNREFUSED`;
  return { provenClosedAt: null, doubt };
}

async function knock(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: TRY_TIMEOUT_MS });
    const end = (outcome: string): void => {
      socket.destroy();
      resolve(outcome);
    };
    // Linux may give the knock the very port that it knocks at, and connect it to itself.
    socket.once('connect', () => end(socket.localPort === port ? 'a connection to itself' : 'connected'));
    socket.once('timeout', () => end('a time-out'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
