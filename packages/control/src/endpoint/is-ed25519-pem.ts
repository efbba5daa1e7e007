/** SubjectPublicKeyInfo of Ed25519 (RFC 8410): this, then the 32 bytes of the key. */
const SPKI_PREFIX = '302a300506032b6570032100';
const SPKI_BYTES = 44;

/**
 * Whether the text is an Ed25519 public key in PEM. Looked at by hand, because `node:crypto` takes 6 MB of the waiting
 * thread (Node 26); a key that is no point on the curve fails when the first command is verified.
 */
export function isEd25519Pem(pem: string): boolean {
  const body = /^-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(
    pem.trim(),
  )?.[1];
  const bytes = Buffer.from(body ?? '', 'base64');
  return bytes.length === SPKI_BYTES && bytes.toString('hex').startsWith(SPKI_PREFIX);
}
