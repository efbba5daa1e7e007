/** Material for the programs: plain data whose size in the JS heap is known, on every Node. */

const LETTERS = Buffer.alloc(1024 * 1024, 'the quick brown fox jumps over the lazy dog ');

export interface Row {
  readonly id: number;
  readonly body: string;
}

/** A text with one byte per letter in the JS heap, shared with nobody. */
export function makeText(bytes: number): string {
  return LETTERS.toString('latin1', 0, bytes);
}

/** Rows of 2 KiB each, all told. */
export function makeRows(mib: number): Row[] {
  return Array.from({ length: Math.round(mib * 512) }, (_, id) => makeRow(id));
}

export function makeRow(id: number): Row {
  return { id, body: makeText(1980) };
}
