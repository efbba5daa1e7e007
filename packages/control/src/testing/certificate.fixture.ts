import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** Certificates for tests, written as DER by hand (RFC 5280): Node can't make any, and not every machine has openssl. */
export interface Certificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** DNS names and IP addresses that it is for. */
  readonly names?: readonly string[];
  /** Days from now; negative for one that has expired. */
  readonly lifeDays?: number;
  /** Self-signed without. */
  readonly issuer?: Certificate & { readonly commonName: string };
}

const ECDSA_WITH_SHA256 = '06082a8648ce3d040302';
const COMMON_NAME = '0603550403';
const SUBJECT_ALT_NAME = '0603551d11';
const BASIC_CONSTRAINTS = '0603551d13';
const DAY_MS = 24 * 3_600_000;

export function createCertificate(options: CertificateOptions): Certificate & { commonName: string } {
  const { commonName, names = [], lifeDays = 2, issuer } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.keyPem);
  const algorithm = sequence(hex(ECDSA_WITH_SHA256));
  const extensions = [
    sequence(hex(BASIC_CONSTRAINTS), octets(sequence(...(issuer === undefined ? [hex('0101ff')] : [])))),
    ...(names.length === 0 ? [] : [sequence(hex(SUBJECT_ALT_NAME), octets(sequence(...names.map(nameOf))))]),
  ];
  const toBeSigned = sequence(
    tagged(0xa0, hex('020102')),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguishedName(issuer?.commonName ?? commonName),
    sequence(time(Date.now() - 30 * DAY_MS), time(Date.now() + lifeDays * DAY_MS)),
    distinguishedName(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, signer)]);
  const der = sequence(toBeSigned, algorithm, tagged(0x03, signature));
  return {
    commonName,
    certPem: `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(hex(COMMON_NAME), tagged(0x0c, Buffer.from(commonName)))));
}

function nameOf(name: string): Buffer {
  return isIP(name) === 4
    ? tagged(0x87, Buffer.from(name.split('.').map(Number)))
    : tagged(0x82, Buffer.from(name));
}

/** UTCTime. */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${text}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
