import { readFileSync } from 'node:fs';
import type { CaptureKind } from '@heapfloor/contract';
import { cutText } from '../errors.ts';
import { stampFiles } from './file-stamp.ts';
import { isEd25519Pem } from './is-ed25519-pem.ts';

export interface TrustedKey {
  /** SubjectPublicKeyInfo of Ed25519. */
  readonly pem: string;
  /** What it may ask for; null for a key without limits. */
  readonly kinds: readonly CaptureKind[] | null;
}

export interface KeyRing {
  /** Keys in force, read again when a file changed; the same array as long as none did. */
  readonly current: (onProblem: (problem: string) => void) => readonly TrustedKey[];
}

export interface KeyOptions {
  readonly publicKeyFiles: readonly string[];
  readonly limitedKeyFiles: readonly string[];
  readonly limitedKeyKinds: readonly CaptureKind[];
}

/** @param problems - gets one for each file that is no key. */
export function readKeys(options: KeyOptions, problems: string[]): KeyRing {
  const files = [...options.publicKeyFiles, ...options.limitedKeyFiles];
  if (files.length === 0) {
    problems.push('publicKeyFiles: name at least one public key; commands are always signed');
  }
  let stamp = stampFiles(files);
  let keys = readAll(options, problems);
  return {
    current(onProblem) {
      const now = stampFiles(files);
      if (now === stamp) return keys;
      stamp = now;
      const found: string[] = [];
      // A file that is gone or broken takes its key with it: whoever removes one means that it counts no more.
      keys = readAll(options, found);
      for (const problem of found) onProblem(problem);
      return keys;
    },
  };
}

function readAll(
  { publicKeyFiles, limitedKeyFiles, limitedKeyKinds }: KeyOptions,
  problems: string[],
): TrustedKey[] {
  const full = publicKeyFiles.flatMap((file) => readKey('publicKeyFiles', file, problems));
  const limited = limitedKeyFiles.flatMap((file) => readKey('limitedKeyFiles', file, problems));
  const both = limited.findIndex((pem) => full.includes(pem));
  if (both >= 0) {
    problems.push(
      `limitedKeyFiles: ${cutText(limitedKeyFiles[both] ?? '', 200)} is among publicKeyFiles too`,
    );
  }
  return [
    ...full.map((pem) => ({ pem, kinds: null })),
    ...limited.filter((pem) => !full.includes(pem)).map((pem) => ({ pem, kinds: limitedKeyKinds })),
  ];
}

function readKey(option: string, file: string, problems: string[]): string[] {
  try {
    const pem = readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
    if (pem.includes('PRIVATE KEY'))
      throw new Error('it is a private key; the app must have the public one only');
    if (!isEd25519Pem(pem)) throw new Error('it is no Ed25519 public key (SPKI, PEM); see heapfloor keys');
    return [pem];
  } catch (error) {
    problems.push(`${option}: ${cutText(file, 200)}: ${(error as Error).message}`);
    return [];
  }
}
