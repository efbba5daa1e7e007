import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, type AddressInfo, type Server } from 'node:net';

export interface ListenAddress {
  /** Null on TCP. */
  readonly socketPath: string | null;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls?: boolean;
}

/** `unix:/path`, `http://host:port` or `https://host:port`. @throws an error that says what was expected. */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('unix:/')) return { socketPath: text.slice('unix:'.length), host: '', port: 0 };
  const url = URL.canParse(text) ? new URL(text) : null;
  const isTls = url?.protocol === 'https:';
  if (url === null || (!isTls && url.protocol !== 'http:') || url.pathname !== '/' || url.search !== '') {
    throw new Error(
      `listen: "${text.slice(0, 80)}" is none of unix:/path, http://127.0.0.1:port, https://0.0.0.0:port`,
    );
  }
  const port = Number(url.port || (isTls ? 443 : 80));
  return { socketPath: null, host: url.hostname.replaceAll(/[[\]]/g, ''), port, isTls };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

/** Commands are signed, so nobody can forge one; but artifacts hold every secret of the app, and go as plain text. */
export function warnAboutExposure({ socketPath, host, isTls = false }: ListenAddress): string | null {
  if (socketPath !== null || isTls || isLoopback(host)) return null;
  return `the control listens on ${host} without TLS: whoever reads along reads what is captured; listen on https: with tlsCertFile and tlsKeyFile`;
}

/** Longest path of a Unix socket on Linux (`sun_path`, unix(7)), without its end. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** @returns the address to send commands to. */
export async function listen(server: Server, address: ListenAddress): Promise<string> {
  if (address.socketPath === null) {
    server.listen(address.port, address.host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return `${address.isTls === true ? 'https' : 'http'}://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`;
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
