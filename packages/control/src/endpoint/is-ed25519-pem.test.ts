import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import { isEd25519Pem } from './is-ed25519-pem.ts';

function toPem(key: KeyObject): string {
  return String(key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }));
}

it('knows a public Ed25519 key, also with Windows line ends and spaces around it', () => {
  const pem = toPem(generateKeyPairSync('ed25519').publicKey);
  expect(isEd25519Pem(pem)).toBe(true);
  expect(isEd25519Pem(`\r\n${pem.replaceAll('\n', '\r\n')}  `)).toBe(true);
});

it.each([
  ['an X25519 key', toPem(generateKeyPairSync('x25519').publicKey)],
  ['a P-256 key', toPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)],
  ['a private key', toPem(generateKeyPairSync('ed25519').privateKey)],
  ['nothing', ''],
  ['a torn key', toPem(generateKeyPairSync('ed25519').publicKey).slice(0, 60)],
])('does not take %s for one', (_what, pem) => {
  expect(isEd25519Pem(pem)).toBe(false);
});
