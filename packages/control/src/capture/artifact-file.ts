import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from './write-whole.ts';

export interface WrittenFile {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Also the most of a file that is in memory while it is hashed. */
const BLOCK_BYTES = 2 ** 20;

/**
 * A file that appears whole or not at all: written beside, hashed on the way, fsynced, renamed. Synchronous, because what
 * is written here is small.
 */
export class ArtifactFile {
  readonly #path: string;
  readonly #temporaryPath: string;
  readonly #hash: Hash = createHash('sha256');
  #descriptor: number;
  #sizeBytes = 0;

  constructor(directory: string, fileName: string) {
    this.#path = join(directory, fileName);
    this.#temporaryPath = `${this.#path}.tmp`;
    this.#descriptor = openSync(this.#temporaryPath, 'wx', 0o600);
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    this.#hash.update(bytes);
    for (let offset = 0; offset < bytes.length;) {
      offset += writeSync(this.#descriptor, bytes, offset);
    }
    this.#sizeBytes += bytes.length;
  }

  finish(): WrittenFile {
    fsyncSync(this.#descriptor);
    this.#close();
    renameSync(this.#temporaryPath, this.#path);
    syncDirectory(dirname(this.#path));
    return { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') };
  }

  /** Leaves nothing behind; harmless after {@link finish}. */
  discard(): void {
    this.#close();
    rmSync(this.#temporaryPath, { force: true });
  }

  #close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}

/** A file that V8 writes by itself: it gets a temporary path, and appears under its name when it was found whole. */
export class ReservedFile {
  /** There is an empty file of ours already, 0600: nobody else can put one, or a link, in its place. */
  readonly temporaryPath: string;
  readonly #path: string;

  constructor(directory: string, fileName: string) {
    this.#path = join(directory, fileName);
    this.temporaryPath = `${this.#path}.tmp`;
    closeSync(openSync(this.temporaryPath, 'wx', 0o600));
  }

  /**
   * Asynchronous, unlike {@link ArtifactFile}: hashing a large file takes seconds, and this thread answers probes.
   * @throws when the file is not ours alone, or not whole.
   */
  async finish(): Promise<WrittenFile> {
    const file = await open(this.temporaryPath, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      await assertOurs(file, this.temporaryPath);
      await assertWhole(file, this.temporaryPath);
      const written = await hashFile(file);
      await file.sync();
      renameSync(this.temporaryPath, this.#path);
      syncDirectory(dirname(this.#path));
      return written;
    } finally {
      await file.close();
    }
  }

  /**
   * Leaves nothing behind; harmless after {@link finish}. Node 22 to 26 never closes a snapshot that it could not write to
   * its end, and a full disk would stay full until the process ends: so the bytes go before the name.
   */
  discard(): void {
    try {
      truncateSync(this.temporaryPath);
    } catch {
      // It is gone already, or under its name.
    }
    rmSync(this.temporaryPath, { force: true });
  }
}

export async function assertOurs(file: FileHandle, path: string): Promise<void> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
  const uid = process.getuid?.();
  if (uid === undefined) return; // Windows: neither owners nor modes
  if (stats.uid !== uid) throw new Error(`${path} belongs to user ${stats.uid}, not to ${uid}`);
  if ((stats.mode & 0o777) !== 0o600) {
    throw new Error(`${path} has mode ${(stats.mode & 0o777).toString(8)} instead of 600`);
  }
}

/** The end of what V8 writes: the last string, the array of strings, the object. */
const END = /\]\s*\}\s*$/;
const END_BYTES = 64;

/** V8 writes from the first to the last byte: a snapshot that was cut short lacks its end. */
async function assertWhole(file: FileHandle, path: string): Promise<void> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, END_BYTES));
  await file.read(tail, 0, tail.length, size - tail.length);
  if (!END.test(tail.toString('latin1'))) {
    throw new Error(`${path} was cut short after ${size} bytes: it lacks the closing brace`);
  }
}

async function hashFile(file: FileHandle): Promise<WrittenFile> {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let sizeBytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(block, 0, block.length, sizeBytes);
    if (bytesRead === 0) return { sizeBytes, sha256: hash.digest('hex') };
    hash.update(block.subarray(0, bytesRead));
    sizeBytes += bytesRead;
  }
}
