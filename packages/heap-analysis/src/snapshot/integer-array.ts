import { malformed, truncated } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { describeByte, expectByte } from './json-value.ts';

/** Numbers handed over at once; a multiple of it is not needed, whole rows are. */
const BATCH_ROWS = 8192;

/** Takes whole rows: `values` and the offset of each number in the stream, for errors. */
export type RowSink = (values: Float64Array, offsets: Float64Array, rowCount: number) => void;

export interface RowFormat {
  /** The section, for errors: `nodes`. */
  readonly what: string;
  readonly fieldCount: number;
  /** The number of rows that the header promises; null where it promises none. */
  readonly rowCount: number | null;
}

/** 2^53 has 16; a longer row of digits is no number of V8 and must not fill the buffer. */
const MAX_DIGITS = 20;

const BEFORE_FIRST = 0;
const BEFORE_VALUE = 1;
const AFTER_VALUE = 2;
const DONE = 3;

interface Scan {
  readonly format: RowFormat;
  readonly values: Float64Array;
  readonly offsets: Float64Array;
  count: number;
  state: number;
}

/** Reads `[1,2,3,…]` in rows, with any whitespace between: Node 22 writes one row per line, Node 26 no newline at all. */
export async function readIntegerRows(source: ByteSource, format: RowFormat, sink: RowSink): Promise<void> {
  await expectByte(source, '[', `"[" to open the section ${format.what}`);
  const capacity = BATCH_ROWS * format.fieldCount;
  const scan: Scan = {
    format,
    values: new Float64Array(capacity),
    offsets: new Float64Array(capacity),
    count: 0,
    state: BEFORE_FIRST,
  };
  let rowsRead = 0;
  for (;;) {
    scanIntegers(scan, source);
    const isFull = scan.count === capacity;
    if (isFull || scan.state === DONE) {
      rowsRead = handOver(scan, source, { rowsRead, sink });
      if (scan.state === DONE) return;
    } else if (!(await source.advance())) {
      throw truncated(source.offset + source.buffer.length - source.position, expectation(scan, rowsRead));
    }
  }
}

function handOver(scan: Scan, source: ByteSource, target: { rowsRead: number; sink: RowSink }): number {
  const { fieldCount, rowCount, what } = scan.format;
  const rows = Math.floor(scan.count / fieldCount);
  const rowsRead = target.rowsRead + rows;
  const promised = rowCount ?? Infinity;
  if (rowsRead > promised || (rowsRead === promised && rows * fieldCount < scan.count)) {
    const first = (promised - target.rowsRead) * fieldCount;
    throw malformed(scan.offsets[first]!, `the end of ${what} after ${promised} rows`, 'one more number');
  }
  target.sink(scan.values, scan.offsets, rows);
  const isEnd = scan.state === DONE;
  if (isEnd && (rows * fieldCount !== scan.count || (rowCount !== null && rowsRead < rowCount))) {
    throw malformed(source.offset - 1, expectation(scan, target.rowsRead), '"]"');
  }
  scan.count = 0;
  return rowsRead;
}

function expectation(scan: Scan, rowsRead: number): string {
  const { what, fieldCount, rowCount } = scan.format;
  const numbers = rowsRead * fieldCount + scan.count;
  return rowCount === null
    ? `whole rows of ${fieldCount} numbers in ${what} (${numbers} numbers read)`
    : `${rowCount * fieldCount} numbers in ${what} (${numbers} read)`;
}

/** Runs until the batch is full, the array ends, or a number might go on behind the buffer. */
function scanIntegers(scan: Scan, source: ByteSource): void {
  const { buffer } = source;
  const capacity = scan.values.length;
  while (scan.count < capacity && source.position < buffer.length && scan.state !== DONE) {
    const byte = buffer[source.position]!;
    if (byte >= 0x30 && byte <= 0x39) {
      if (!scanNumber(scan, source)) return;
    } else scanPunctuation(scan, source, byte);
  }
}

/** @returns false when the buffer ends inside the number. */
function scanNumber(scan: Scan, source: ByteSource): boolean {
  const { buffer, position: start } = source;
  const end = buffer.length;
  if (scan.state === AFTER_VALUE) throw unexpected(scan, source);
  let value = 0;
  let position = start;
  for (; position < end; position++) {
    const digit = buffer[position]! - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER || position - start > MAX_DIGITS) {
    throw malformed(
      source.offset,
      `a number below 2^53 in ${scan.format.what}`,
      `${position - start} digits`,
    );
  }
  if (position === end) return false;
  scan.values[scan.count] = value;
  scan.offsets[scan.count++] = source.offset;
  // Nearly always the comma follows at once, so it is taken here.
  const isComma = buffer[position] === 0x2c;
  scan.state = isComma ? BEFORE_VALUE : AFTER_VALUE;
  source.position = isComma ? position + 1 : position;
  return true;
}

function scanPunctuation(scan: Scan, source: ByteSource, byte: number): void {
  if (byte === 0x0a || byte === 0x20 || byte === 0x0d || byte === 0x09) {
    source.position++;
  } else if (byte === 0x2c && scan.state === AFTER_VALUE) {
    scan.state = BEFORE_VALUE;
    source.position++;
  } else if (byte === 0x5d && scan.state !== BEFORE_VALUE) {
    scan.state = DONE;
    source.position++;
  } else throw unexpected(scan, source);
}

function unexpected(scan: Scan, source: ByteSource): Error {
  const expected = scan.state === AFTER_VALUE ? '"," or "]"' : 'a whole number';
  return malformed(
    source.offset,
    `${expected} in ${scan.format.what}`,
    describeByte(source.buffer[source.position]!),
  );
}
