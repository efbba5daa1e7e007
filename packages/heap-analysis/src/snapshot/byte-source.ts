import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HeapAnalysisError, truncated } from '../errors.ts';

/** Large enough that system calls do not count, small against the graph that is built. */
const CHUNK_BYTES = 1 << 20;

export interface SourceFile {
  readonly filePath: string;
  /** Size on disk, compressed or not. */
  readonly fileSizeBytes: number;
  readonly isGzip: boolean;
}

/** Looks at size and magic number without reading the file. */
export async function inspectSourceFile(filePath: string): Promise<SourceFile> {
  try {
    const stats = await stat(filePath);
    if (!stats.isFile()) throw new Error('it is not a regular file');
    return { filePath, fileSizeBytes: stats.size, isGzip: await hasGzipMagic(filePath) };
  } catch (error) {
    throw unreadable(filePath, error);
  }
}

async function hasGzipMagic(filePath: string): Promise<boolean> {
  const file = await open(filePath, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

function unreadable(filePath: string, error: unknown): HeapAnalysisError {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `cannot read ${filePath}: ${reason}`;
  return new HeapAnalysisError('HEAP_ANALYSIS_FILE_UNREADABLE', message, { cause: error });
}

/** A window on the decompressed bytes of a file that moves forwards only. */
export class ByteSource {
  buffer: Buffer = Buffer.alloc(0);
  /** Next byte to look at, an index into `buffer`. */
  position = 0;
  /** Offset in the stream of `buffer[0]`. */
  bufferOffset = 0;
  readonly file: SourceFile;
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;

  constructor(file: SourceFile) {
    this.file = file;
    this.#stream = openStream(file);
    this.#chunks = this.#stream.iterator({ destroyOnReturn: true });
  }

  /** Offset in the stream of the next byte. */
  get offset(): number {
    return this.bufferOffset + this.position;
  }

  /**
   * Drops what was read, keeps the rest and appends the next chunk.
   * @returns false at the end of the file.
   */
  async advance(): Promise<boolean> {
    const chunk = await this.#nextChunk();
    if (chunk === null) return false;
    const rest = this.buffer.subarray(this.position);
    this.bufferOffset += this.position;
    this.position = 0;
    this.buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    return true;
  }

  /** Next byte that is not JSON whitespace, not consumed; -1 at the end of the file. */
  async peek(): Promise<number> {
    for (;;) {
      const byte = this.buffer[this.position];
      if (byte === undefined) {
        if (!(await this.advance())) return -1;
      } else if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) this.position++;
      else return byte;
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  async #nextChunk(): Promise<Buffer | null> {
    try {
      const next = await this.#chunks.next();
      return next.done === true ? null : next.value;
    } catch (error) {
      throw this.#readError(error);
    }
  }

  #readError(error: unknown): HeapAnalysisError {
    const code = (error as NodeJS.ErrnoException).code;
    const byteOffset = this.bufferOffset + this.buffer.length;
    if (code === 'Z_BUF_ERROR') return truncated(byteOffset, 'more compressed data');
    if (code?.startsWith('Z_') !== true) return unreadable(this.file.filePath, error);
    const message = `the gzip stream of the file is damaged after ${byteOffset} decompressed bytes (${code}); copy the file again`;
    return new HeapAnalysisError('HEAP_ANALYSIS_MALFORMED', message, { byteOffset, cause: error });
  }
}

function openStream(file: SourceFile): Readable {
  const bytes: ReadStream = createReadStream(file.filePath, { highWaterMark: CHUNK_BYTES });
  if (!file.isGzip) return bytes;
  // The reader of the last stream sees every failure of the pipeline, so the callback has nothing left to do.
  return pipeline(bytes, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
}
