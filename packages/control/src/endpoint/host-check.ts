import { isIP } from 'node:net';
import { isLoopback, type ListenAddress } from './listen.ts';
import { isNameOf, type TlsSource } from './tls.ts';

/** Whether a Host header is one that this endpoint goes by. */
export type HostCheck = (host: string) => boolean;

/**
 * Against web pages whose name was made to resolve to this machine (DNS rebinding): such a request carries the page's name. An
 * address can't be made to resolve, so any literal passes; a name must be the configured one, `localhost` on the loopback, or
 * one of the certificate. The port says nothing: behind a port mapping it is another.
 * @returns null on a Unix socket, which no web page reaches.
 */
export function createHostCheck(address: ListenAddress, tls: TlsSource | null): HostCheck | null {
  if (address.socketPath !== null) return null;
  return (host) => {
    const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
    // Anything but host and port would end up elsewhere in the URL.
    if (url === null || url.pathname !== '/' || url.username !== '' || url.search !== '' || url.hash !== '')
      return false;
    const name = url.hostname.replaceAll(/[[\]]/g, '');
    if (isIP(name) !== 0 || name === address.host.toLowerCase()) return true;
    if (name === 'localhost') return isLoopback(address.host);
    return tls !== null && isNameOf(tls.current(), name);
  };
}
