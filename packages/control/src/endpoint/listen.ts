import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

export interface ListenAddress {
  /** Null on TCP. */
  readonly socketPath: string | null;
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** `unix:/path` or `http://host:port`. @throws an error that says what was expected. */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('unix:/')) return { socketPath: text.slice('unix:'.length), host: '', port: 0 };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'http:') {
    throw new Error(`listen: "${text.slice(0, 80)}" is neither unix:/path nor http://127.0.0.1:port`);
  }
  // Commands are signed but not encrypted, and artifacts hold secrets.
  if (!LOOPBACK.has(url.hostname)) {
    throw new Error(
      `listen: ${url.hostname} is not a loopback address; put a TLS proxy in front of 127.0.0.1`,
    );
  }
  return { socketPath: null, host: url.hostname.replaceAll(/[[\]]/g, ''), port: Number(url.port || 80) };
}

/** Longest path of a Unix socket on Linux (`sun_path`, unix(7)), without its end. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** @returns the address to send commands to. */
export async function listen(server: Server, address: ListenAddress): Promise<string> {
  if (address.socketPath === null) {
    server.listen(address.port, address.host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`;
  }
  await removeDeadSocket(address.socketPath);
  server.listen(address.socketPath);
  await once(server, 'listening');
  chmodSync(address.socketPath, 0o600);
  return `unix:${address.socketPath}`;
}

/** Removes what a killed process left; never a file of another sort, nor the socket of a process that lives. */
async function removeDeadSocket(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new Error(`listen: ${path} exists and is no socket; choose another path`);
  if (await isAnswering(path)) {
    throw new Error(`listen: another process listens on ${path}; give each process a socket of its own`);
  }
  rmSync(path, { force: true });
}

async function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
