import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createBoundedLookup, DNS_DEADLINE_MS } from './bounded-lookup.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** A DNS server that knows no name, or that never answers. */
async function startDns(mode: 'no-such-name' | 'silent'): Promise<{ server: string; queries: () => number }> {
  const socket = createSocket('udp4');
  let count = 0;
  sockets.push(socket);
  socket.on('message', (query, { port, address }) => {
    count += 1;
    if (mode === 'silent') return;
    const answer = Buffer.from(query);
    // Flags: response, recursion available, NXDOMAIN (RFC 1035, 4.1.1).
    answer.writeUInt16BE(0x81_83, 2);
    socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, queries: () => count };
}

/** Looks names up; the system, if asked, says 192.0.2.1. */
const lookIn = (hostsFile: string) => async (hostname: string, servers: readonly string[]) => {
  let isSystemAsked = false;
  const lookup: LookupFunction = (_, __, callback) => {
    isSystemAsked = true;
    callback(null, '192.0.2.1', 4);
  };
  const startMs = performance.now();
  const code = await new Promise<string | undefined>((resolve) => {
    createBoundedLookup({ servers, lookup, hostsFile })(hostname, { all: false }, (error) =>
      resolve(error?.code),
    );
  });
  return { code, isSystemAsked, tookMs: performance.now() - startMs };
};
const look = lookIn('/does/not/exist');

describe('createBoundedLookup', () => {
  it('leaves the name to the system where a DNS server answers, whatever it says', async () => {
    const { server, queries } = await startDns('no-such-name');
    expect(await look('collector.test', [server])).toMatchObject({ code: undefined, isSystemAsked: true });
    expect(queries()).toBe(1);
  });

  it('gives up in time where none answers, and does not ask the system, which could not be ended', async () => {
    const silent = await Promise.all([startDns('silent'), startDns('silent'), startDns('silent')]);
    const result = await look(
      'collector.test',
      silent.map(({ server }) => server),
    );
    expect(result).toMatchObject({ code: 'EAI_AGAIN', isSystemAsked: false });
    expect(result.tookMs).toBeGreaterThan(DNS_DEADLINE_MS - 50);
    expect(result.tookMs).toBeLessThan(DNS_DEADLINE_MS + 700);
  });

  it.each(['127.0.0.1', '::1', 'localhost', 'a.localhost'])('asks no DNS server for %s', async (name) => {
    const { server, queries } = await startDns('silent');
    expect(await look(name, [server])).toMatchObject({ code: undefined, isSystemAsked: true });
    expect(queries()).toBe(0);
  });

  it('asks the system for a name in the hosts file, also where no server answers', async () => {
    const { server } = await startDns('silent');
    const hostsFile = join(mkdtempSync(join(tmpdir(), 'heapfloor-hosts-')), 'hosts');
    writeFileSync(hostsFile, '127.0.0.1 localhost\n10.0.0.7\tcollector.test collector # ours\n');
    const look = lookIn(hostsFile);
    expect((await look('collector.test', [server])).isSystemAsked).toBe(true);
    expect((await look('collector.tes', [server])).isSystemAsked).toBe(false);
    rmSync(dirname(hostsFile), { recursive: true });
  });
});
