import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { cutText } from '../errors.ts';
import { stampFiles } from './file-stamp.ts';

export interface TlsOptions {
  readonly listen?: string | undefined;
  readonly tlsCertFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  readonly tlsClientCaFile?: string | undefined;
}

export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  /** Authority of the clients; null where they need no certificate. */
  readonly clientCa: string | null;
}

export interface TlsSource {
  readonly isMutual: boolean;
  readonly current: () => TlsMaterial;
  /** What the files hold now, if one changed and all are sound; else null, and the old material stays in force. */
  readonly readChanged: (onProblem: (problem: string) => void) => TlsMaterial | null;
}

type FileOption = 'tlsCertFile' | 'tlsKeyFile' | 'tlsClientCaFile';
const FILE_OPTIONS: readonly FileOption[] = ['tlsCertFile', 'tlsKeyFile', 'tlsClientCaFile'];

/**
 * @param problems - gets everything that is wrong with the files.
 * @returns null where TLS is not asked for, or can't be had.
 */
export function readTls(options: TlsOptions, problems: string[]): TlsSource | null {
  const isAsked = options.listen?.startsWith('https:') === true;
  if (!isAsked) {
    const unused = FILE_OPTIONS.filter((name) => options[name] !== undefined);
    problems.push(...unused.map((name) => `${name}: only an https: address uses it; change listen`));
    return null;
  }
  const first = readMaterial(options, problems);
  return first === null ? null : createSource(options, first);
}

/** For a server and for its rotation. TLS 1.0 and 1.1 are dead (RFC 8996). */
export function toContextOptions({ cert, key, clientCa }: TlsMaterial): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(clientCa !== null && { ca: clientCa }) };
}

/** Whether the certificate is for that DNS name. */
export function isNameOf({ cert }: TlsMaterial, name: string): boolean {
  return new (crypto().X509Certificate)(cert).checkHost(name) !== undefined;
}

function createSource(options: TlsOptions, first: TlsMaterial): TlsSource {
  const files = FILE_OPTIONS.map((name) => options[name]).filter((file) => file !== undefined);
  let material = first;
  let stamp = stampFiles(files);
  return {
    isMutual: first.clientCa !== null,
    current: () => material,
    readChanged(onProblem) {
      const now = stampFiles(files);
      if (now === stamp) return null;
      stamp = now;
      const problems: string[] = [];
      const changed = readMaterial(options, problems);
      for (const problem of problems) onProblem(problem);
      // Certificate and key change one after the other: between the two they don't fit, and the old pair still serves.
      if (changed !== null) material = changed;
      return changed;
    },
  };
}

function readMaterial(options: TlsOptions, problems: string[]): TlsMaterial | null {
  const before = problems.length;
  const cert = readPem(options, 'tlsCertFile', problems);
  const key = readPem(options, 'tlsKeyFile', problems);
  const clientCa =
    options.tlsClientCaFile === undefined ? null : readPem(options, 'tlsClientCaFile', problems);
  if (problems.length > before) return null;
  const material = { cert, key, clientCa };
  problems.push(...checkCertificates(options, material));
  if (problems.length === before) problems.push(...checkPair(material));
  return problems.length > before ? null : material;
}

function readPem(options: TlsOptions, name: FileOption, problems: string[]): string {
  const file = options[name];
  if (file === undefined) {
    problems.push(`${name}: an https: address needs it`);
    return '';
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    problems.push(`${name}: ${cutText(file, 200)}: ${(error as NodeJS.ErrnoException).code}`);
    return '';
  }
}

/** OpenSSL takes a file without any certificate for an empty list of authorities. */
function checkCertificates({ tlsCertFile, tlsClientCaFile }: TlsOptions, material: TlsMaterial): string[] {
  const { cert, clientCa } = material;
  return [
    ...checkCertificate(`tlsCertFile: ${cutText(tlsCertFile ?? '', 200)}`, cert),
    ...(clientCa === null
      ? []
      : checkCertificate(`tlsClientCaFile: ${cutText(tlsClientCaFile ?? '', 200)}`, clientCa)),
  ];
}

function checkCertificate(what: string, pem: string): string[] {
  try {
    const { validTo } = new (crypto().X509Certificate)(pem);
    return Date.parse(validTo) < Date.now() ? [`${what} expired on ${validTo}; renew it`] : [];
  } catch {
    return [`${what} holds no certificate in PEM`];
  }
}

function checkPair(material: TlsMaterial): string[] {
  try {
    process.getBuiltinModule('node:tls').createSecureContext(toContextOptions(material));
    return [];
  } catch (error) {
    return [`tlsKeyFile: does not serve with tlsCertFile: ${cutText((error as Error).message)}`];
  }
}

type NodeCrypto = ReturnType<typeof process.getBuiltinModule<'node:crypto'>>;

/** Loaded only where TLS is asked for: it takes 6 MB of the waiting thread (Node 26). */
function crypto(): NodeCrypto {
  return process.getBuiltinModule('node:crypto');
}
