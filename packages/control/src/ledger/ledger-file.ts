import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { syncDirectory } from '../capture/write-whole.ts';
import { claimFile } from './claim-file.ts';
import { judgeLiveness, type ProcessIdentity } from './process-identity.ts';

/** Far above what compaction leaves; a larger file is none of ours and would only take memory. */
const MAX_BYTES = 64 * 2 ** 20;
const MAX_TURNS = 10;
/** A compaction takes milliseconds; one in another container that began so long ago is dead. Unit: ms. */
const COMPACTION_DEAD_AFTER_MS = 10 * 60_000;

/**
 * One write per line and O_APPEND: lines of several processes do not mix. Each begins on a new line, so that one which a
 * full disk cut off takes no other with it. On the disk when this returns.
 * @param onOpened - what another process does before the write, in a test.
 * @throws when it is not.
 */
export function appendLine(path: string, line: string, onOpened: () => void = () => {}): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
    try {
      onOpened();
      const bytes = Buffer.from(`\n${line}\n`);
      const writtenBytes = writeSync(descriptor, bytes);
      if (writtenBytes < bytes.length) throw new Error(`${writtenBytes} of ${bytes.length} bytes fitted`);
      fsyncSync(descriptor);
      if (fstatSync(descriptor).size === bytes.length) syncDirectory(dirname(path));
      // Else a compaction put another file there meanwhile, perhaps without this line.
      if (fstatSync(descriptor).ino === inodeOf(path)) return;
    } finally {
      closeSync(descriptor);
    }
  }
  throw new Error(`another file took its place ${MAX_TURNS} times`);
}

/**
 * All lines, each once, in no order to rely on; none where there is no ledger yet.
 * @param onRead - what another process does behind the reading of each file, in a test.
 * @throws when it cannot be read.
 */
export function readLines(path: string, onRead: (file: string) => void = () => {}): string[] {
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const before = birthOf(path);
    // In this order: a compaction renames `.next` to `.old`.
    const texts = [`${path}.next`, `${path}.old`, path].map((file) => {
      const text = readText(file);
      onRead(file);
      return text;
    });
    // It has put another file there in between: lines moved from what was not read yet to what was.
    if (birthOf(path) !== before) continue;
    return [...new Set(texts.flatMap((text) => text.split('\n')))].filter((line) => line !== '');
  }
  throw new Error(`another file took its place ${MAX_TURNS} times`);
}

export function readSizeBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Writes the lines that `select` keeps into a new file and puts it in place. The file before stays as `.old` until the
 * next compaction, which reads it too. So nothing that is appended meanwhile is lost: a writer that still finds its file
 * in place after its write has written before the rename, thus into what will be `.old`; any other writes once more.
 * `.next` is that same file for the moment in which `.old` is still the one before it.
 * @returns false when another process compacts, or the file system has no hard links.
 */
export function compactFile(
  path: string,
  self: ProcessIdentity,
  select: (lines: readonly string[]) => readonly string[],
): boolean {
  try {
    const claim = claimFile({
      directory: dirname(path),
      name: `${basename(path)}.compaction`,
      self,
      isFree: (holder, claimedPath) => isDead(holder, { self, claimedPath }),
    });
    if (!claim.isTaken) return false;
    try {
      return replace(path, { select, isHeld: claim.isHeld });
    } finally {
      claim.release();
    }
  } catch {
    return false; // the ledger works uncompacted, and the next attempt tries again
  }
}

function replace(
  path: string,
  { select, isHeld }: { select: (lines: readonly string[]) => readonly string[]; isHeld: () => boolean },
): boolean {
  const [next, draft] = [`${path}.next`, `${path}.tmp`];
  if (inodeOf(next) !== null) settle(path);
  linkSync(path, next);
  const text = select(readLines(path))
    .map((line) => `${line}\n`)
    .join('');
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let offset = 0; offset < bytes.length;) offset += writeSync(descriptor, bytes, offset);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (!isHeld() || inodeOf(path) !== inodeOf(next)) return false;
  renameSync(draft, path);
  renameSync(next, `${path}.old`);
  syncDirectory(dirname(path));
  return true;
}

/** After a compaction that died: before its first rename nothing had changed; after it `.next` is what `.old` should be. */
function settle(path: string): void {
  if (inodeOf(`${path}.next`) === inodeOf(path)) rmSync(`${path}.next`);
  else renameSync(`${path}.next`, `${path}.old`);
}

function isDead(
  holder: ProcessIdentity,
  { self, claimedPath }: { self: ProcessIdentity; claimedPath: string },
): boolean {
  const liveness = judgeLiveness(holder, self);
  if (liveness !== 'unknown') return liveness === 'gone';
  return statSync(claimedPath).mtimeMs < Date.now() - COMPACTION_DEAD_AFTER_MS;
}

function readText(path: string): string {
  if (readSizeBytes(path) > MAX_BYTES) {
    throw new Error(`${basename(path)} has ${readSizeBytes(path)} bytes, at most ${MAX_BYTES} are read`);
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** An inode's number alone is used again. */
function birthOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return `${stats?.ino} ${stats?.birthtimeMs}`;
}
