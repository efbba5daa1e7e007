import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPeer } from './find-peer.ts';

/** The peers that are servers. */
export type ServerName = 'prometheus' | 'alertmanager' | 'otelcol';

export interface RunningPeer {
  readonly url: string;
  /** Null for a container. */
  readonly pid: number | null;
  /** Ends it and removes its folder; may be called more than once. */
  stop(): Promise<void>;
}

/** All that is to be known about a server to start it, as a process or as a container. */
export interface PeerStart {
  readonly name: ServerName;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 200 as soon as the server can be used. */
  readonly readyUrl: string;
  readonly url: string;
  /** Its own folder, removed when it has ended. */
  readonly dataDirectory: string;
  /** Files that it reads: a container must be given their folders. */
  readonly configFile: string;
}

export type PeerLauncher = (start: PeerStart) => Promise<RunningPeer>;

const READY_DEADLINE_MS = 30_000;
const READY_POLL_MS = 50;
const TERM_DEADLINE_MS = 5_000;
/** Enough of what a server printed to see why it did not start. */
const OUTPUT_TAIL_CHARS = 4_000;

/** Starts a server as a child process and waits until it answers. */
export const startProcess: PeerLauncher = async (start) => {
  const found = findPeer(start.name);
  if ('missing' in found) throw new Error(found.missing);
  const child = spawn(found.path, start.args, {
    cwd: start.dataDirectory,
    env: { ...process.env, ...start.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collectOutput(child);
  // When the test runner ends without stopping it (a failed hook, process.exit), it must not stay behind.
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const stop = async (): Promise<void> => {
    await endChild(child);
    process.removeListener('exit', killWithUs);
    rmSync(start.dataDirectory, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(start, () =>
      hasEnded(child) ? `ended with ${child.exitCode ?? child.signalCode}` : null,
    );
  } catch (error) {
    await stop();
    throw new Error(`${start.name} (${found.path}) did not start; it printed:\n${output()}`, {
      cause: error,
    });
  }
  return { url: start.url, pid: child.pid ?? null, stop };
};

/**
 * Polls until the server answers 200.
 * @param findFailure - why waiting is in vain, null while it is not.
 */
export async function waitUntilReady(
  { name, readyUrl }: { readonly name: string; readonly readyUrl: string },
  findFailure: () => string | null = () => null,
): Promise<void> {
  const deadlineMs = performance.now() + READY_DEADLINE_MS;
  while (!(await answers(readyUrl))) {
    const failure = findFailure();
    if (failure !== null) throw new Error(`${name} ${failure}`);
    if (performance.now() > deadlineMs) {
      throw new Error(`${name} did not answer on ${readyUrl} within ${READY_DEADLINE_MS} ms`);
    }
    await delay(READY_POLL_MS);
  }
}

/** A port of the loopback that was free a moment ago: not every server can say which one it took itself. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

export function createDataDirectory(name: ServerName): string {
  return mkdtempSync(join(tmpdir(), `heapfloor-${name}-`));
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

function collectOutput(child: ChildProcess): () => string {
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      tail = (tail + chunk).slice(-OUTPUT_TAIL_CHARS);
    });
  }
  // A file that cannot be run is told by this event only.
  child.once('error', (error) => (tail += String(error)));
  return () => tail;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), TERM_DEADLINE_MS);
  await ended;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
