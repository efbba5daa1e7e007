import type { ListenAddress } from '../endpoint/listen.ts';

/**
 * `unix:/path` or `http://host:port`, any address: probes come from outside, and what they can read is no secret.
 * @throws an error that says what was expected.
 */
export function parseProbeAddress(text: string): ListenAddress {
  if (text.startsWith('unix:/')) return { socketPath: text.slice('unix:'.length), host: '', port: 0 };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    url.protocol !== 'http:' ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.username !== ''
  ) {
    throw new Error(`probeListen: "${text.slice(0, 80)}" is neither unix:/path nor http://0.0.0.0:port`);
  }
  return { socketPath: null, host: url.hostname.replaceAll(/[[\]]/g, ''), port: Number(url.port || 80) };
}
