import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sign } from '../testing/control-app.fixture.ts';
import {
  buildResponse,
  FULL_KEY,
  startEndpoint,
  writeKey,
  type Endpoint,
} from '../testing/endpoint.fixture.ts';
import { readKeys } from './keys.ts';

const SECOND = generateKeyPairSync('ed25519');
const LIMITED = generateKeyPairSync('ed25519');
const PROFILE = { action: 'capture', captureId: 'profile-1', kind: 'heap-profile', alertFingerprint: null };

let directory: string;
let endpoint: Endpoint | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-keys-'));
});
afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
  rmSync(directory, { recursive: true, force: true });
});

const file = (name: string): string => join(directory, name);

const thumbprint = async ({ publicKey }: typeof FULL_KEY): Promise<string> =>
  calculateJwkThumbprint(publicKey.export({ format: 'jwk' }));
const byLimited = async (action: string): Promise<string> =>
  sign({ action, captureId: 'profile-1' }, { key: LIMITED.privateKey });

async function statusOf(key: typeof FULL_KEY, captureId = 'profile-1'): Promise<number | undefined> {
  const token = await sign({ ...PROFILE, captureId }, { key: key.privateKey });
  return (await endpoint?.send('/v1/captures', { method: 'POST', token }))?.status;
}

const startLimited = async (): Promise<Endpoint> => {
  const limited = writeKey(file('limited.pem'), LIMITED.publicKey);
  return startEndpoint({
    directory,
    keys: { limitedKeyFiles: [limited], limitedKeyKinds: ['heap-profile'] },
    found: { 'profile-1': buildResponse('profile-1', 'heap-profile') },
  });
};

describe('the files of keys', () => {
  it('are all named when they are wrong', () => {
    const problems: string[] = [];
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(file('private.pem'), SECOND.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    readKeys(
      {
        publicKeyFiles: [file('private.pem'), writeKey(file('p256.pem'), p256.publicKey)],
        limitedKeyFiles: [file('missing.pem')],
        limitedKeyKinds: [],
      },
      problems,
    );
    expect(problems).toEqual([
      expect.stringMatching(/^publicKeyFiles: .*private\.pem: it is a private key/),
      expect.stringMatching(/^publicKeyFiles: .*p256\.pem: it is no Ed25519 public key/),
      expect.stringMatching(/^limitedKeyFiles: .*missing\.pem: ENOENT/),
    ]);
    expect(problems.join()).not.toContain('BEGIN');
  });

  it('must name a key, and none with and without limits', () => {
    const problems: string[] = [];
    readKeys({ publicKeyFiles: [], limitedKeyFiles: [], limitedKeyKinds: [] }, problems);
    const same = writeKey(file('same.pem'), SECOND.publicKey);
    readKeys({ publicKeyFiles: [same], limitedKeyFiles: [same], limitedKeyKinds: [] }, problems);
    expect(problems).toEqual([
      expect.stringContaining('name at least one public key'),
      expect.stringMatching(/same\.pem is among publicKeyFiles too/),
    ]);
  });
});

describe('keys in rotation', () => {
  it('are both trusted', async () => {
    const [first, second] = [
      writeKey(file('1.pem'), FULL_KEY.publicKey),
      writeKey(file('2.pem'), SECOND.publicKey),
    ];
    endpoint = await startEndpoint({ directory, keys: { publicKeyFiles: [first, second] } });
    expect([await statusOf(FULL_KEY), await statusOf(SECOND), await statusOf(LIMITED)]).toEqual([
      202, 202, 401,
    ]);
  });

  it('count from the next command on when their file changes, and no more when it is gone', async () => {
    const key = writeKey(file('1.pem'), FULL_KEY.publicKey);
    endpoint = await startEndpoint({ directory, keys: { publicKeyFiles: [key] } });
    expect([await statusOf(FULL_KEY), await statusOf(SECOND)]).toEqual([202, 401]);
    writeKey(key, SECOND.publicKey);
    expect([await statusOf(FULL_KEY), await statusOf(SECOND)]).toEqual([401, 202]);
    rmSync(key);
    expect(await statusOf(SECOND)).toBe(401);
    expect(endpoint.logged).toContainEqual({
      event: 'key-not-trusted',
      fields: { problem: expect.stringMatching(/1\.pem: ENOENT/) },
    });
    writeKey(key, SECOND.publicKey);
    expect(await statusOf(SECOND)).toBe(202);
  });
});

describe('a limited key', () => {
  it('is told apart: the captures get its kinds and its RFC 7638 thumbprint', async () => {
    endpoint = await startLimited();
    expect([await statusOf(LIMITED, 'by-limited-key'), await statusOf(FULL_KEY, 'by-full-key')]).toEqual([
      202, 202,
    ]);
    const [limitedId, fullId] = [await thumbprint(LIMITED), await thumbprint(FULL_KEY)];
    expect(endpoint.calls).toEqual([
      ['start', 'by-limited-key', { keyKinds: ['heap-profile'], keyId: limitedId }],
      ['start', 'by-full-key', { keyKinds: null, keyId: fullId }],
    ]);
    expect(endpoint.logged.map(({ fields }) => fields['keyId'])).toEqual([limitedId, fullId]);
  });

  it('reads, stops and deletes what is of its kinds', async () => {
    endpoint = await startLimited();
    const path = '/v1/captures/profile-1';
    const answers = [
      await endpoint.send(path, { token: await byLimited('read') }),
      await endpoint.send(`${path}/stop`, { method: 'POST', token: await byLimited('stop') }),
      await endpoint.send(path, { method: 'DELETE', token: await byLimited('delete') }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 202, 204]);
    expect(endpoint.calls).toEqual([
      ['stop', 'profile-1'],
      ['delete', 'profile-1'],
    ]);
  });
});

it('a full key resets a lock-out', async () => {
  endpoint = await startEndpoint({ directory });
  const token = await sign({ action: 'reset', kind: 'heap-snapshot' }, { key: FULL_KEY.privateKey });
  const answer = await endpoint.send('/v1/lockouts/heap-snapshot/reset', { method: 'POST', token });
  expect([answer.status, endpoint.calls]).toEqual([
    204,
    [['reset', 'heap-snapshot', await thumbprint(FULL_KEY)]],
  ]);
});
