import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, read, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const readInto = promisify(read);

/** Texts in the order they came, on disk. Written at once: the writer may hold the event loop for seconds. */
export class SpillFile {
  readonly #fd: number;
  readonly #maxBytes: number;
  readonly #sizesBytes: number[] = [];
  #readBytes = 0;
  #writtenBytes = 0;
  #nextIndex = 0;

  /** The file has no name any more as soon as it is open, so it ends with the process. */
  constructor(directory: string, maxBytes: number) {
    const path = join(directory, `inspector-${randomUUID()}.tmp`);
    this.#fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#sizesBytes.length - this.#nextIndex;
  }

  /** @throws when the file would be too large, or the disk is full. */
  push(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#writtenBytes + bytes.length > this.#maxBytes)
      throw new Error(`more than ${this.#maxBytes} bytes wait for the client`);
    for (let offset = 0; offset < bytes.length;) {
      offset += writeSync(this.#fd, bytes, offset, bytes.length - offset, this.#writtenBytes + offset);
    }
    this.#writtenBytes += bytes.length;
    this.#sizesBytes.push(bytes.length);
  }

  /** Call it for one text after the other, and only while there is one. */
  async shift(): Promise<string> {
    const bytes = Buffer.allocUnsafe(this.#sizesBytes[this.#nextIndex] ?? 0);
    for (let offset = 0; offset < bytes.length;) {
      const { bytesRead } = await readInto(
        this.#fd,
        bytes,
        offset,
        bytes.length - offset,
        this.#readBytes + offset,
      );
      if (bytesRead === 0) throw new Error('the file of waiting messages is too short');
      offset += bytesRead;
    }
    this.#readBytes += bytes.length;
    this.#nextIndex += 1;
    if (this.count === 0) this.#reset();
    return bytes.toString();
  }

  close(): void {
    closeSync(this.#fd);
  }

  #reset(): void {
    ftruncateSync(this.#fd, 0);
    this.#sizesBytes.length = 0;
    this.#nextIndex = 0;
    this.#readBytes = 0;
    this.#writtenBytes = 0;
  }
}
