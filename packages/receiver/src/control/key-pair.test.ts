import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeyPair, loadOrCreateKeyPair } from './key-pair.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heapfloor-keys-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('createKeyPair', () => {
  it('makes an Ed25519 pair that fits together', () => {
    const { privateKeyPem, publicKeyPem } = createKeyPair();
    const signature = sign(null, Buffer.from('text'), privateKeyPem);
    expect(createPublicKey(publicKeyPem).asymmetricKeyType).toBe('ed25519');
    expect(verify(null, Buffer.from('text'), publicKeyPem, signature)).toBe(true);
  });
});

describe('loadOrCreateKeyPair', () => {
  it('creates both files once, the private one for its owner alone', async () => {
    const first = await loadOrCreateKeyPair(directory);
    const second = await loadOrCreateKeyPair(directory);
    expect(second).toEqual(first);
    expect((await readdir(directory)).toSorted()).toEqual(['control-key.pem', 'control-public-key.pem']);
    expect((await stat(first.privateKeyFile)).mode & 0o777).toBe(0o600);
    expect(await readFile(first.publicKeyFile, 'utf8')).toBe(first.publicKeyPem);
  });

  it('gives racing starters the same key', async () => {
    const pairs = await Promise.all(Array.from({ length: 8 }, async () => loadOrCreateKeyPair(directory)));
    expect(new Set(pairs.map(({ privateKeyPem }) => privateKeyPem)).size).toBe(1);
  });

  it('writes the public key of a private key that was put there', async () => {
    const { privateKeyPem, publicKeyPem } = createKeyPair();
    await writeFile(join(directory, 'control-key.pem'), privateKeyPem);
    expect((await loadOrCreateKeyPair(directory)).publicKeyPem).toBe(publicKeyPem);
  });

  it.each([
    ['text', 'is no PKCS#8 PEM'],
    [
      generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'is no Ed25519 key',
    ],
  ])('refuses a file that holds no such key', async (content, problem) => {
    await writeFile(join(directory, 'control-key.pem'), content);
    await expect(loadOrCreateKeyPair(directory)).rejects.toMatchObject({
      code: 'RECEIVER_KEY_FILE',
      message: expect.stringContaining(problem) as string,
    });
  });
});
