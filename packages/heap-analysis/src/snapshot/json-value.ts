import { malformed, truncated } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

interface ValueScan {
  depth: number;
  inString: boolean;
  isEscaped: boolean;
  isScalar: boolean;
  isDone: boolean;
}

export interface CollectLimit {
  /** What the value is, for the error. */
  readonly what: string;
  readonly maxBytes: number;
}

/** Moves over one JSON value of any kind without keeping it. */
export async function skipValue(source: ByteSource): Promise<void> {
  await scanValue(source, () => undefined);
}

/** The text of one JSON value; a longer one than the limit is no header but a file that lies about itself. */
export async function readValueText(source: ByteSource, limit: CollectLimit): Promise<string> {
  const parts: Buffer[] = [];
  let lengthBytes = 0;
  await scanValue(source, (bytes) => {
    lengthBytes += bytes.length;
    if (lengthBytes > limit.maxBytes) {
      throw malformed(source.offset, `the end of ${limit.what} within ${limit.maxBytes} bytes`, 'more of it');
    }
    parts.push(Buffer.from(bytes));
  });
  return Buffer.concat(parts).toString('utf8');
}

/** Moves over `"name"` and the colon behind it. */
export async function readMemberName(source: ByteSource): Promise<string> {
  const offset = source.offset;
  const text = await readValueText(source, { what: 'a section name', maxBytes: 4096 });
  if (!text.startsWith('"'))
    throw malformed(offset, 'a section name in quotes', JSON.stringify(text.slice(0, 40)));
  await expectByte(source, ':', `":" after the section name ${text.slice(0, 60)}`);
  return text.slice(1, -1);
}

export async function expectByte(source: ByteSource, wanted: string, expected: string): Promise<void> {
  const byte = await source.peek();
  if (byte === -1) throw truncated(source.offset, expected);
  if (byte !== wanted.charCodeAt(0)) throw malformed(source.offset, expected, describeByte(byte));
  source.position++;
}

/** A byte for an error: the character if it can be printed, else its number. */
export function describeByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? `"${String.fromCharCode(byte)}"`
    : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}

async function scanValue(source: ByteSource, take: (bytes: Buffer) => void): Promise<void> {
  if ((await source.peek()) === -1) throw truncated(source.offset, 'a value');
  const scan: ValueScan = { depth: 0, inString: false, isEscaped: false, isScalar: false, isDone: false };
  for (;;) {
    const start = source.position;
    while (!scan.isDone && source.position < source.buffer.length) scanByte(scan, source);
    take(source.buffer.subarray(start, source.position));
    if (scan.isDone) return;
    if (!(await source.advance())) throw truncated(source.offset, 'the rest of a value');
  }
}

/** A minimal JSON machine: it finds where a value ends; what is inside is checked by whoever reads it. */
function scanByte(scan: ValueScan, source: ByteSource): void {
  const byte = source.buffer[source.position]!;
  if (scan.inString) {
    if (scan.isEscaped) scan.isEscaped = false;
    else if (byte === BACKSLASH) scan.isEscaped = true;
    else if (byte === QUOTE) endString(scan);
    source.position++;
  } else if (isOpening(byte)) {
    scan.depth++;
    source.position++;
  } else if (scan.isScalar || scan.depth === 0) scanScalar(scan, source, byte);
  else {
    if (byte === QUOTE) scan.inString = true;
    else if (isClosing(byte)) scan.isDone = --scan.depth === 0;
    source.position++;
  }
}

/** A value at the top that is neither object nor array: a string, or text up to the next separator. */
function scanScalar(scan: ValueScan, source: ByteSource, byte: number): void {
  if (byte === QUOTE && !scan.isScalar) {
    scan.inString = true;
    source.position++;
  } else if (byte === 0x2c || isClosing(byte) || byte <= 0x20) {
    if (!scan.isScalar) throw malformed(source.offset, 'a value', describeByte(byte));
    scan.isDone = true;
  } else {
    scan.isScalar = true;
    source.position++;
  }
}

function endString(scan: ValueScan): void {
  scan.inString = false;
  scan.isDone = scan.depth === 0;
}

function isOpening(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b;
}

function isClosing(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d;
}
