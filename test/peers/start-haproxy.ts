import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';
import { findFreePort, waitUntilReady, type RunningPeer } from './start-peer.ts';

export interface ProxiedServer {
  readonly name: string;
  /** `http://127.0.0.1:port` of the app. */
  readonly url: string;
  /** The same of its probes. */
  readonly probeUrl: string;
}

export interface RunningHaproxy extends RunningPeer {
  /** What the proxy thinks of each server: `UP`, `DOWN`. */
  readonly readStates: () => Promise<Readonly<Record<string, string>>>;
}

/** Between two checks of one server; one failed check takes it out. Unit: ms. */
export const CHECK_INTERVAL_MS = 200;

/** Debian keeps it where only root's PATH leads. */
const DEBIAN_FOLDER = '/usr/sbin';

/** The path of HAProxy, or the test is skipped with the reason; where peers are required its absence is an error. */
export function requireHaproxy(context: Pick<TestContext, 'skip'>): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), DEBIAN_FOLDER];
  const candidates = [
    process.env['HEAPFLOOR_HAPROXY_BIN'] ?? '',
    ...folders.map((folder) => join(folder, 'haproxy')),
  ];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const reason = 'no HAProxy: set HEAPFLOOR_HAPROXY_BIN, or install it (Debian: haproxy)';
  if (process.env['HEAPFLOOR_REQUIRE_PEERS'] === '1')
    throw new Error(`HEAPFLOOR_REQUIRE_PEERS=1, but ${reason}`);
  console.log(`skipped: ${reason}`);
  return context.skip(reason);
}

/**
 * Round robin over the servers, without a second try: what fails is seen. Kept connections to the servers are used again by
 * all clients, which is where a server that ends one at the wrong moment loses a request.
 */
export async function startHaproxy(
  executablePath: string,
  servers: readonly ProxiedServer[],
): Promise<RunningHaproxy> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'heapfloor-haproxy-'));
  const [port, statsPort] = [await findFreePort(), await findFreePort()];
  const configFile = join(dataDirectory, 'haproxy.cfg');
  writeFileSync(configFile, formatConfig({ port, statsPort, servers }));
  const child = spawn(executablePath, ['-db', '-f', configFile], { stdio: ['ignore', 'inherit', 'inherit'] });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const stop = async (): Promise<void> => {
    await end(child);
    process.removeListener('exit', killWithUs);
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  try {
    const readyUrl = `http://127.0.0.1:${statsPort}/;csv`;
    await waitUntilReady({ name: 'haproxy', readyUrl }, () =>
      child.exitCode === null ? null : `ended with ${child.exitCode}; its messages are above`,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? null,
    stop,
    readStates: async () => readStates(`http://127.0.0.1:${statsPort}/;csv`),
  };
}

interface ConfigInput {
  readonly port: number;
  readonly statsPort: number;
  readonly servers: readonly ProxiedServer[];
}

function formatConfig({ port, statsPort, servers }: ConfigInput): string {
  const lines = servers.map(({ name, url, probeUrl }) => {
    const checks = `check addr 127.0.0.1 port ${new URL(probeUrl).port} inter ${CHECK_INTERVAL_MS}ms fall 1 rise 1`;
    return `  server ${name} ${new URL(url).host} ${checks}`;
  });
  return `global
  maxconn 1000
defaults
  mode http
  retries 0
  http-reuse always
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout check 1s
frontend app
  bind 127.0.0.1:${port}
  default_backend instances
frontend stats
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /
backend instances
  balance roundrobin
  option httpchk GET /readyz
${lines.join('\n')}
`;
}

/** Columns of HAProxy's statistics: management guide, section 9.1. */
async function readStates(url: string): Promise<Readonly<Record<string, string>>> {
  const rows = (await (await fetch(url)).text())
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const statusColumn = rows[0]?.indexOf('status') ?? -1;
  const servers = rows.filter(([proxy, name]) => proxy === 'instances' && name !== 'BACKEND');
  return Object.fromEntries(servers.map((row) => [row[1] ?? '', row[statusColumn] ?? '']));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}

function isExecutable(path: string): boolean {
  try {
    if (path !== '') accessSync(path, constants.X_OK);
    return path !== '';
  } catch {
    return false;
  }
}
