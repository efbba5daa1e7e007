import { lookup, Resolver, type LookupAddress, type LookupOptions } from 'node:dns';
import { readFileSync } from 'node:fs';
import { clearTimeout, setTimeout } from 'node:timers';
import { isIP, type LookupFunction } from 'node:net';

/** How long a DNS server may take before we do not ask the system at all. */
export const DNS_DEADLINE_MS = 1000;

export interface BoundedLookupOptions {
  /** `address:port` of DNS servers; the system's by default. */
  readonly servers?: readonly string[];
  readonly lookup?: LookupFunction;
  readonly hostsFile?: string;
}

/**
 * `dns.lookup`, unless no DNS server answers: it asks for 10 s then, holds the process for as long and can't be ended,
 * so a short program would end late. A query of our own can be ended, and tells whether anybody is there.
 */
export function createBoundedLookup(options: BoundedLookupOptions = {}): LookupFunction {
  const systemLookup = options.lookup ?? lookup;
  const hostsFile = options.hostsFile ?? defaultHostsFile();
  return (hostname, lookupOptions, callback) => {
    if (isLocal(hostname)) systemLookup(hostname, lookupOptions, callback);
    else {
      probe(hostname, options.servers, (isAnswered) => {
        if (isAnswered || isInHostsFile(hostname, hostsFile)) systemLookup(hostname, lookupOptions, callback);
        else fail(hostname, lookupOptions, callback);
      });
    }
  };
}

/** No server is asked for these. */
function isLocal(hostname: string): boolean {
  return isIP(hostname) !== 0 || hostname === 'localhost' || hostname.endsWith('.localhost');
}

/** Any answer will do, "no such name" too: search domains are the system's affair. */
function probe(
  hostname: string,
  servers: readonly string[] | undefined,
  onResult: (isAnswered: boolean) => void,
): void {
  const resolver = new Resolver({ timeout: DNS_DEADLINE_MS, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  // With several servers `timeout` counts for each.
  const timer = setTimeout(() => resolver.cancel(), DNS_DEADLINE_MS);
  timer.unref();
  resolver.resolve4(hostname, (error) => {
    clearTimeout(timer);
    onResult(error?.code !== 'ECANCELLED' && error?.code !== 'ETIMEOUT');
  });
}

/** Such a name needs no server. */
function isInHostsFile(hostname: string, hostsFile: string): boolean {
  try {
    return readFileSync(hostsFile, 'latin1').split(/\s+/).includes(hostname);
  } catch {
    return false;
  }
}

function defaultHostsFile(): string {
  if (process.platform !== 'win32') return '/etc/hosts';
  return String.raw`${process.env['SystemRoot']}\System32\drivers\etc\hosts`;
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

function fail(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  const message = `no DNS server answered for ${hostname} within ${DNS_DEADLINE_MS} ms`;
  callback(Object.assign(new Error(message), { code: 'EAI_AGAIN' }), options.all === true ? [] : '');
}
