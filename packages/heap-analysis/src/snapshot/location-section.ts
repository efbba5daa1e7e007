import { malformed } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { resized } from './column-capacity.ts';
import type { LocationLayout, SnapshotHeader } from './header.ts';
import { readIntegerRows } from './integer-array.ts';
import type { LocationColumns } from './raw-snapshot.ts';

interface LocationTable {
  columns: Omit<LocationColumns, 'count'>;
  rows: number;
}

export function emptyLocations(): LocationColumns {
  return { count: 0, ...allocate(0) };
}

/** The header does not say how many there are, so the columns grow with the rows. */
export async function readLocations(
  source: ByteSource,
  header: SnapshotHeader,
  layout: LocationLayout,
): Promise<LocationColumns> {
  const table: LocationTable = { columns: allocate(4096), rows: 0 };
  const format = { what: 'locations', fieldCount: layout.fieldCount, rowCount: null };
  await readIntegerRows(source, format, (values, offsets, rowCount) => {
    if (table.rows + rowCount > table.columns.node.length) grow(table, table.rows + rowCount);
    for (let row = 0; row < rowCount; row++) {
      addLocation(table, { values, offsets, at: row * layout.fieldCount, header, layout });
    }
  });
  return { count: table.rows, ...table.columns };
}

interface LocationRow {
  readonly values: Float64Array;
  readonly offsets: Float64Array;
  readonly at: number;
  readonly header: SnapshotHeader;
  readonly layout: LocationLayout;
}

function addLocation(table: LocationTable, row: LocationRow): void {
  const { values, offsets, at, header, layout } = row;
  const { nodeCount, nodes } = header;
  const index = values[at + layout.objectIndex]!;
  const ordinal = index / nodes.fieldCount;
  if (!Number.isInteger(ordinal) || ordinal >= nodeCount) {
    const expected = `object_index to be a multiple of ${nodes.fieldCount} below ${nodeCount * nodes.fieldCount}`;
    throw malformed(offsets[at + layout.objectIndex]!, expected, String(index));
  }
  const to = table.rows++;
  table.columns.node[to] = ordinal;
  table.columns.scriptId[to] = values[at + layout.scriptId]!;
  table.columns.line[to] = values[at + layout.line]!;
  table.columns.column[to] = values[at + layout.column]!;
}

function allocate(capacity: number): LocationTable['columns'] {
  return {
    node: new Uint32Array(capacity),
    scriptId: new Uint32Array(capacity),
    line: new Uint32Array(capacity),
    column: new Uint32Array(capacity),
  };
}

function grow(table: LocationTable, rows: number): void {
  const capacity = Math.max(rows, table.columns.node.length * 2);
  table.columns = {
    node: resized(table.columns.node, capacity),
    scriptId: resized(table.columns.scriptId, capacity),
    line: resized(table.columns.line, capacity),
    column: resized(table.columns.column, capacity),
  };
}
