import type { SourceFile } from './byte-source.ts';

type Column = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * Rows to allocate for at first. A plain file was checked to be large enough for what it promises. What a `.gz`
 * expands to is unknown, and its header may lie: it starts with what it holds at 12:1 (measured are 5 to 7) and grows.
 */
export function initialCapacity(promisedRows: number, file: SourceFile): number {
  return file.isGzip ? Math.min(promisedRows, Math.max(1024, file.fileSizeBytes)) : promisedRows;
}

/** Capacity that holds `rows`, never more than promised. */
export function nextCapacity(capacity: number, rows: number, promisedRows: number): number {
  if (rows <= capacity) return capacity;
  return Math.min(promisedRows, Math.max(rows, capacity * 2));
}

/** The column with room for `capacity` rows, its content kept. */
export function resized<T extends Column>(column: T, capacity: number): T {
  if (column.length === capacity) return column;
  const larger = new (column.constructor as new (length: number) => T)(capacity);
  larger.set(column.length > capacity ? column.subarray(0, capacity) : column);
  return larger;
}
