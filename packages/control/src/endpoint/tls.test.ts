import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCertificate, type Certificate } from '../testing/certificate.fixture.ts';
import { startEndpoint, type Endpoint, type SendOptions } from '../testing/endpoint.fixture.ts';
import { readTls, type TlsOptions } from './tls.ts';

const CA = createCertificate({ commonName: 'ours' });
const SERVER = createCertificate({ commonName: 'server', names: ['127.0.0.1', 'app.example'], issuer: CA });
const CLIENT = createCertificate({ commonName: 'client', issuer: CA });
const OTHER_CA = createCertificate({ commonName: 'theirs' });
const STRANGER = createCertificate({ commonName: 'client', issuer: OTHER_CA });

let directory: string;
let endpoint: Endpoint | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-tls-'));
});
afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

function writePair(pair: Certificate): TlsOptions {
  return { tlsCertFile: write('tls.crt', pair.certPem), tlsKeyFile: write('tls.key', pair.keyPem) };
}

const start = async (tls: TlsOptions): Promise<Endpoint> =>
  (endpoint = await startEndpoint({ listen: 'https://127.0.0.1:0', directory, tls }));

const as = (client: Certificate, ca: Certificate = CA): NonNullable<SendOptions['tls']> => ({
  ca: ca.certPem,
  cert: client.certPem,
  key: client.keyPem,
});

async function outcome(options: SendOptions): Promise<number | string> {
  try {
    return (await (endpoint as Endpoint).send('/healthz', options)).status;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
}

const startMutual = async (): Promise<Endpoint> =>
  start({ ...writePair(SERVER), tlsClientCaFile: write('clients.crt', CA.certPem) });

const read = (options: TlsOptions): string[] => {
  const problems: string[] = [];
  readTls(options, problems);
  return problems;
};

describe('TLS', () => {
  it('serves whoever trusts the authority of the certificate', async () => {
    const { address } = await start(writePair(SERVER));
    expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await outcome({ tls: { ca: CA.certPem } })).toBe(200);
    expect(await outcome({ tls: { ca: OTHER_CA.certPem } })).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED/);
  });

  it('goes by the names of the certificate and by addresses, and by no other name', async () => {
    await start(writePair(SERVER));
    const hosts = ['app.example:9465', '10.0.0.7', 'evil.example', 'localhost'];
    const statuses = [];
    for (const host of hosts) {
      // Node would look for the Host in the certificate itself.
      const tls = { ca: CA.certPem, checkServerIdentity: () => undefined };
      statuses.push(await outcome({ tls, headers: { host } }));
    }
    expect(statuses).toEqual([200, 200, 403, 200]);
  });

  it('is 1.2 at least', async () => {
    const { address } = await start(writePair(SERVER));
    const protocols = [];
    for (const maxVersion of ['TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
      protocols.push(await handshake(Number(new URL(address).port), maxVersion));
    }
    expect(protocols).toEqual([expect.stringMatching(/^ERR_SSL|^EPROTO|^ECONNRESET/), 'TLSv1.2', 'TLSv1.3']);
  });

  it('gives plain HTTP no answer', async () => {
    const { sendRaw } = await start(writePair(SERVER));
    expect(await sendRaw('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
  });
});

describe('mutual TLS', () => {
  it('serves a client with a certificate of the authority only', async () => {
    const { logged } = await startMutual();
    expect(await outcome({ tls: as(CLIENT) })).toBe(200);
    expect(await outcome({ tls: { ca: CA.certPem } })).toMatch(/ECONNRESET|CERTIFICATE_REQUIRED/);
    expect(await outcome({ tls: as(STRANGER) })).toMatch(/ECONNRESET|UNKNOWN_CA|DECRYPT_ERROR|EPIPE/);
    expect(logged.map(({ event, fields }) => [event, fields['code']])).toEqual([
      ['refused', 'TLS'],
      ['refused', 'TLS'],
    ]);
  });

  it('stays mutual when the authority changes, and the old one counts no more', async () => {
    await startMutual();
    expect(await outcome({ tls: as(CLIENT) })).toBe(200);
    write('clients.crt', OTHER_CA.certPem);
    expect(await outcome({ tls: as(STRANGER) })).toBe(200);
    expect(await outcome({ tls: as(CLIENT) })).not.toBe(200);
    expect(await outcome({ tls: { ca: CA.certPem } })).not.toBe(200);
  });
});

describe('new files', () => {
  it('serve the next connection; between certificate and key the old pair does', async () => {
    const { logged } = await start(writePair(SERVER));
    const renewed = createCertificate({ commonName: 'server', names: ['127.0.0.1'], issuer: OTHER_CA });
    write('tls.crt', renewed.certPem);
    expect(await outcome({ tls: { ca: CA.certPem } })).toBe(200);
    expect(logged).toEqual([
      { event: 'tls-files-kept', fields: { problem: expect.stringMatching(/tlsKeyFile: does not serve/) } },
    ]);
    write('tls.key', renewed.keyPem);
    expect(await outcome({ tls: { ca: OTHER_CA.certPem } })).toBe(200);
    expect(await outcome({ tls: { ca: CA.certPem } })).not.toBe(200);
    expect(logged.filter(({ event }) => event === 'tls-files-changed')).toHaveLength(1);
  });
});

describe('TLS options', () => {
  it('are all named when they are wrong', () => {
    expect(
      read({ listen: 'https://0.0.0.0:1', tlsKeyFile: '/nowhere/k', tlsClientCaFile: '/nowhere/ca' }),
    ).toEqual([
      'tlsCertFile: an https: address needs it',
      'tlsKeyFile: /nowhere/k: ENOENT',
      'tlsClientCaFile: /nowhere/ca: ENOENT',
    ]);
  });

  it.each([
    ['a key of another certificate', { ...SERVER, keyPem: CLIENT.keyPem }, /^tlsKeyFile: does not serve/],
    ['no certificate', { ...SERVER, certPem: 'x' }, /^tlsCertFile: .* holds no certificate in PEM$/],
    ['no key', { ...SERVER, keyPem: 'x' }, /^tlsKeyFile: does not serve/],
    [
      'an expired certificate',
      createCertificate({ commonName: 'old', lifeDays: -1 }),
      /^tlsCertFile: .* expired on .*; renew it$/,
    ],
  ])('are refused for %s', (_what, pair, problem) => {
    const problems = read({ listen: 'https://127.0.0.1:1', ...writePair(pair) });
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain('PRIVATE KEY');
  });

  it('refuse a client authority without a certificate, which OpenSSL would take for none', () => {
    const tlsClientCaFile = write('empty.crt', '');
    expect(read({ listen: 'https://127.0.0.1:1', ...writePair(SERVER), tlsClientCaFile })).toEqual([
      expect.stringMatching(/^tlsClientCaFile: .*empty\.crt holds no certificate/),
    ]);
  });

  it('are a mistake on an address without TLS', () => {
    expect(read({ listen: 'http://127.0.0.1:1', ...writePair(SERVER) })).toEqual([
      'tlsCertFile: only an https: address uses it; change listen',
      'tlsKeyFile: only an https: address uses it; change listen',
    ]);
    expect(read({})).toEqual([]);
  });
});

async function handshake(port: number, maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string> {
  return new Promise((resolve) => {
    // OpenSSL offers 1.1 at the lowest level only.
    const socket = connect({
      port,
      host: '127.0.0.1',
      ca: CA.certPem,
      minVersion: 'TLSv1.1',
      maxVersion,
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    socket.once('secureConnect', () => {
      resolve(socket.getProtocol() ?? '');
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
