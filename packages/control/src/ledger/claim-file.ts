import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

export interface ClaimRequest {
  readonly directory: string;
  /** Claims are `<name>.<number>.json`; the highest number counts. */
  readonly name: string;
  readonly self: ProcessIdentity;
  /** May the claim be taken from this holder? */
  readonly isFree: (holder: ProcessIdentity, path: string) => boolean;
}

export interface Claim {
  readonly isTaken: true;
  /** False once another process has judged this one gone. */
  readonly isHeld: () => boolean;
  readonly release: () => void;
}

export interface Holder {
  readonly isTaken: false;
  readonly holder: ProcessIdentity;
  readonly path: string;
}

/** A start that loses so often against others is not refused for being late, something is wrong. */
const MAX_TURNS = 20;

/**
 * Exactly one of several processes gets the claim, also when all find the same dead holder at once. A dead holder's file
 * is not replaced (the second to replace would take it from the first) but outbid: `link` makes the next number for one
 * of them only, and who then sees a higher number than its own steps back. The highest number is never removed, so a late
 * starter cannot bid a number that was used before.
 * @throws when the directory cannot be written.
 */
export function claimFile(request: ClaimRequest): Claim | Holder {
  const { directory, name, self, isFree } = request;
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const number = newestNumber(directory, name);
    const path = join(directory, `${name}.${number}.json`);
    const holder = number === 0 ? null : readHolder(path);
    if (holder !== null && !isFree(holder, path)) return { isTaken: false, holder, path };
    const own = number + 1;
    if (!bid(request, own)) continue;
    if (newestNumber(directory, name) === own) {
      removeOutbid(directory, name, own);
      return toClaim(request, own);
    }
    rmSync(join(directory, `${name}.${own}.json`), { force: true });
  }
  throw new Error(
    `${join(directory, name)} is claimed by others over and over; is the process ${self.pid} started in a loop?`,
  );
}

/** The holder by the highest number; null where there is none, or it has released its claim. */
export function readClaim(directory: string, name: string): ProcessIdentity | null {
  const number = newestNumber(directory, name);
  return number === 0 ? null : readHolder(join(directory, `${name}.${number}.json`));
}

export function claimPath(directory: string, name: string): string {
  return join(directory, `${name}.${newestNumber(directory, name)}.json`);
}

function newestNumber(directory: string, name: string): number {
  return Math.max(0, ...readdirSync(directory).map((entry) => numberOf(entry, name) ?? 0));
}

function numberOf(entry: string, name: string): number | null {
  if (!entry.startsWith(`${name}.`)) return null;
  const digits = /^([0-9]{1,12})\.json$/.exec(entry.slice(name.length + 1))?.[1];
  return digits === undefined ? null : Number(digits);
}

function readHolder(path: string): ProcessIdentity | null {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    return isProcessIdentity(value) ? value : null;
  } catch {
    return null; // released, outbid meanwhile, or cut off by the end of the machine
  }
}

/** By hand: zod would take 10 MB of the thread that only waits. */
function isProcessIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTicks, bootId, pidNamespace, host, token } = value as Partial<Record<string, unknown>>;
  return (
    Number.isSafeInteger(pid) &&
    Number(pid) >= 1 &&
    [startTicks, bootId, pidNamespace].every(isTextOrNull) &&
    typeof host === 'string' &&
    typeof token === 'string' &&
    token !== ''
  );
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

/** The file appears with its content: an empty one would be judged as nobody's. */
function bid({ directory, name, self }: ClaimRequest, number: number): boolean {
  const draft = join(directory, `${name}.${self.token}.tmp`);
  try {
    writeDraft(draft, JSON.stringify(self));
    linkSync(draft, join(directory, `${name}.${number}.json`));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOENT: who won has cleared the drafts away.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDraft(path: string, text: string): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeOutbid(directory: string, name: string, own: number): void {
  for (const entry of readdirSync(directory)) {
    const isDraft = entry.startsWith(`${name}.`) && entry.endsWith('.tmp');
    const number = numberOf(entry, name);
    if (isDraft || (number !== null && number < own)) rmSync(join(directory, entry), { force: true });
  }
}

function toClaim({ directory, name, self }: ClaimRequest, own: number): Claim {
  const path = join(directory, `${name}.${own}.json`);
  return {
    isTaken: true,
    isHeld: () => newestNumber(directory, name) === own && readHolder(path)?.token === self.token,
    release() {
      const draft = join(directory, `${name}.${self.token}.tmp`);
      writeDraft(draft, 'null');
      renameSync(draft, path);
    },
  };
}
