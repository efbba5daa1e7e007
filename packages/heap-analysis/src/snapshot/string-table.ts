import { malformed, truncated } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { resized } from './column-capacity.ts';
import { describeByte, expectByte } from './json-value.ts';

const SEGMENT_BYTES = 4 << 20;
/** V8 cuts names at 1024 characters, at most 6 bytes each; this only stops a file that lies. */
const MAX_STRING_BYTES = 16 << 20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SIMPLE_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));

/** The snapshot's strings by index. */
export interface StringTable {
  readonly count: number;
  get(index: number): string;
  /** Appends a string that the analysis made up; indexes of the file stay as they are. */
  add(text: string): number;
}

/**
 * Keeps the strings as the bytes of the file and decodes one when it is asked for: a string section may be larger than
 * the longest string that V8 can hold (512 MB), and most of its strings are never looked at.
 */
class ByteStringTable implements StringTable {
  readonly #segments: Buffer[] = [];
  readonly #added: string[] = [];
  #segmentOf = new Uint32Array(1024);
  #start = new Uint32Array(1024);
  #end = new Uint32Array(1024);
  #byteCount = 0;
  #used = 0;

  get count(): number {
    return this.#byteCount + this.#added.length;
  }

  get(index: number): string {
    if (index >= this.#byteCount) return this.#added[index - this.#byteCount] ?? '';
    const segment = this.#segments[this.#segmentOf[index]!]!;
    const text = segment.toString('utf8', this.#start[index], this.#end[index]);
    // What stands between the quotes was checked while reading, so this cannot throw.
    return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
  }

  add(text: string): number {
    this.#added.push(text);
    return this.count - 1;
  }

  /** @param bytes - what stands between the quotes; copied. */
  addBytes(bytes: Buffer): void {
    if (this.#segments.length === 0 || this.#used + bytes.length > SEGMENT_BYTES) {
      this.#segments.push(Buffer.allocUnsafeSlow(Math.max(SEGMENT_BYTES, bytes.length)));
      this.#used = 0;
    }
    if (this.#byteCount === this.#start.length) this.#grow();
    bytes.copy(this.#segments.at(-1)!, this.#used);
    this.#segmentOf[this.#byteCount] = this.#segments.length - 1;
    this.#start[this.#byteCount] = this.#used;
    this.#used += bytes.length;
    this.#end[this.#byteCount++] = this.#used;
  }

  #grow(): void {
    const capacity = this.#start.length * 2;
    this.#segmentOf = resized(this.#segmentOf, capacity);
    this.#start = resized(this.#start, capacity);
    this.#end = resized(this.#end, capacity);
  }
}

/** Reads `["…","…"]`. */
export async function readStringTable(source: ByteSource): Promise<StringTable> {
  const table = new ByteStringTable();
  await expectByte(source, '[', '"[" to open the section strings');
  if ((await source.peek()) === 0x5d) {
    source.position++;
    return table;
  }
  for (;;) {
    table.addBytes(await readStringBytes(source));
    const byte = await source.peek();
    if (byte === -1) throw truncated(source.offset, `"," or "]" after ${table.count} strings`);
    if (byte !== 0x2c && byte !== 0x5d) {
      throw malformed(source.offset, `"," or "]" after string ${table.count - 1}`, describeByte(byte));
    }
    source.position++;
    if (byte === 0x5d) return table;
  }
}

async function readStringBytes(source: ByteSource): Promise<Buffer> {
  await expectByte(source, '"', 'a string');
  for (;;) {
    const end = findStringEnd(source);
    if (end !== -1) {
      const bytes = source.buffer.subarray(source.position, end);
      source.position = end + 1;
      return bytes;
    }
    const seenBytes = source.buffer.length - source.position;
    if (seenBytes > MAX_STRING_BYTES) {
      throw malformed(source.offset, `a string of at most ${MAX_STRING_BYTES} bytes`, 'a longer one');
    }
    if (!(await source.advance())) throw truncated(source.offset + seenBytes, 'the end of a string');
  }
}

/** Index of the closing quote; -1 when the buffer ends before it. */
function findStringEnd(source: ByteSource): number {
  const { buffer } = source;
  for (let at = source.position; at < buffer.length; at++) {
    const byte = buffer[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) {
      const lengthBytes = escapeLength(source, at);
      if (lengthBytes === 0) return -1;
      at += lengthBytes - 1;
    } else if (byte < 0x20) {
      throw malformed(source.bufferOffset + at, 'a character of a string', describeByte(byte));
    }
  }
  return -1;
}

/** Bytes of the escape at `at`; 0 when the buffer ends inside it. */
function escapeLength(source: ByteSource, at: number): number {
  const { buffer } = source;
  const kind = buffer[at + 1];
  if (kind === undefined) return 0;
  if (SIMPLE_ESCAPES.has(kind)) return 2;
  const digits = buffer.toString('latin1', at + 2, at + 6);
  if (kind === 0x75 && /^[0-9a-f]{4}$/i.test(digits)) return 6;
  if (kind === 0x75 && at + 6 > buffer.length && /^[0-9a-f]*$/i.test(digits)) return 0;
  throw malformed(source.bufferOffset + at, 'an escape that JSON knows', describeByte(kind));
}
