import { BlockList, isIP, isIPv6 } from 'node:net';
import { isAbsolute } from 'node:path';
import { cutText, ReceiverError } from '../errors.ts';

export type ControlAddress =
  | { readonly kind: 'unix'; readonly socketPath: string }
  | { readonly kind: 'http'; readonly origin: URL };

const UNIX_PREFIX = 'unix:';

/** @throws ReceiverError when commands must not be sent there. */
export function parseControlAddress(address: string): ControlAddress {
  const problem = validateControlAddress(address);
  if (problem !== null) throw new ReceiverError('RECEIVER_ADDRESS_INVALID', problem);
  return address.startsWith(UNIX_PREFIX)
    ? { kind: 'unix', socketPath: address.slice(UNIX_PREFIX.length) }
    : { kind: 'http', origin: new URL(address) };
}

/** What is wrong with an address; null when nothing is. Names would be resolved anew at each call, so only literals pass. */
export function validateControlAddress(address: string): string | null {
  const shown = `'${cutText(address)}'`;
  if (address.startsWith(UNIX_PREFIX)) {
    return isAbsolute(address.slice(UNIX_PREFIX.length))
      ? null
      : `${shown} needs an absolute path after unix:`;
  }
  if (!URL.canParse(address)) return `${shown} is neither unix:/path nor http://address:port`;
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `${shown} is neither unix:, http: nor https:`;
  if (url.username !== '' || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return `${shown} must be scheme, address and port alone`;
  }
  return isPrivateHost(url.hostname)
    ? null
    : `${shown} is no loopback or private address (RFC 1918, 4193, 6598)`;
}

export function isOnThisMachine(address: ControlAddress): boolean {
  return address.kind === 'unix' || /^(?:localhost|127\..*|\[::1\])$/.test(address.origin.hostname);
}

function isPrivateHost(hostname: string): boolean {
  if (hostname === 'localhost') return true;
  const host = hostname.replaceAll(/^\[|\]$/g, '');
  if (isIP(host) === 0) return false;
  const family = isIPv6(host) ? 'ipv6' : 'ipv4';
  return privateRanges().check(host, family) && !metadataAddresses().check(host, family);
}

function privateRanges(): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addSubnet('10.0.0.0', 8, 'ipv4');
  list.addSubnet('172.16.0.0', 12, 'ipv4');
  list.addSubnet('192.168.0.0', 16, 'ipv4');
  // Shared address space (RFC 6598): pod networks of several clouds.
  list.addSubnet('100.64.0.0', 10, 'ipv4');
  list.addAddress('::1', 'ipv6');
  list.addSubnet('fc00::', 7, 'ipv6');
  return list;
}

/** Cloud metadata services inside private ranges: AWS over IPv6, Alibaba. The link-local one is in no range above. */
function metadataAddresses(): BlockList {
  const list = new BlockList();
  list.addAddress('fd00:ec2::254', 'ipv6');
  list.addAddress('100.100.100.200', 'ipv4');
  return list;
}
