import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface WrittenFile {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * A file that appears whole or not at all: written beside, hashed on the way, fsynced, renamed. Synchronous, because V8
 * pushes the chunks of a snapshot without waiting, and this thread has nothing else to do.
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
