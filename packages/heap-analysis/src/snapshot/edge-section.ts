import { malformed } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { initialCapacity, nextCapacity, resized } from './column-capacity.ts';
import type { SnapshotHeader } from './header.ts';
import { readIntegerRows } from './integer-array.ts';
import type { NameBound } from './node-section.ts';
import type { EdgeColumns } from './raw-snapshot.ts';

const MAX_UINT32 = 0xffffffff;

interface EdgeTable {
  columns: EdgeColumns;
  capacity: number;
  rows: number;
}

export async function readEdges(
  source: ByteSource,
  header: SnapshotHeader,
  names: NameBound,
): Promise<EdgeColumns> {
  const { edgeCount, edges: layout } = header;
  const capacity = initialCapacity(edgeCount, source.file);
  const table: EdgeTable = { columns: allocate(capacity), capacity, rows: 0 };
  const isNamed = header.edgeTypes.map((type) => type !== 'element' && type !== 'hidden');
  const format = { what: 'edges', fieldCount: layout.fieldCount, rowCount: edgeCount };
  await readIntegerRows(source, format, (values, offsets, rowCount) => {
    ensureCapacity(table, table.rows + rowCount, edgeCount);
    for (let row = 0; row < rowCount; row++) {
      addEdge(table, { values, offsets, at: row * layout.fieldCount, header, isNamed, names });
    }
  });
  return table.columns;
}

interface EdgeRow {
  readonly values: Float64Array;
  readonly offsets: Float64Array;
  /** Where the row begins in `values`. */
  readonly at: number;
  readonly header: SnapshotHeader;
  /** For each edge type, whether its name is a string and not a number. */
  readonly isNamed: readonly boolean[];
  readonly names: NameBound;
}

function addEdge(table: EdgeTable, row: EdgeRow): void {
  const { values, offsets, at, header, names } = row;
  const { edges: layout, edgeTypes } = header;
  const type = values[at + layout.type]!;
  if (type >= edgeTypes.length) {
    throw malformed(offsets[at + layout.type]!, `an edge type below ${edgeTypes.length}`, String(type));
  }
  const nameOrIndex = values[at + layout.nameOrIndex]!;
  if (nameOrIndex > MAX_UINT32) {
    throw malformed(
      offsets[at + layout.nameOrIndex]!,
      'an edge name or index below 2^32',
      String(nameOrIndex),
    );
  }
  if (row.isNamed[type] === true && nameOrIndex > names.index) {
    names.index = nameOrIndex;
    names.offset = offsets[at + layout.nameOrIndex]!;
  }
  const ordinal = table.rows++;
  table.columns.type[ordinal] = type;
  table.columns.nameOrIndex[ordinal] = nameOrIndex;
  table.columns.toNode[ordinal] = targetOrdinal(row);
}

/** `to_node` counts fields, not nodes: it is the target's ordinal times the number of node fields. */
function targetOrdinal(row: EdgeRow): number {
  const { nodeCount, nodes, edges } = row.header;
  const at = row.at + edges.toNode;
  const toNode = row.values[at]!;
  const ordinal = toNode / nodes.fieldCount;
  if (ordinal < nodeCount && Number.isInteger(ordinal)) return ordinal;
  const expected = `to_node to be a multiple of ${nodes.fieldCount} below ${nodeCount * nodes.fieldCount}`;
  throw malformed(row.offsets[at]!, expected, String(toNode));
}

function allocate(capacity: number): EdgeColumns {
  return {
    type: new Uint8Array(capacity),
    nameOrIndex: new Uint32Array(capacity),
    toNode: new Uint32Array(capacity),
  };
}

function ensureCapacity(table: EdgeTable, rows: number, promisedRows: number): void {
  const capacity = nextCapacity(table.capacity, rows, promisedRows);
  if (capacity === table.capacity) return;
  const { columns } = table;
  table.capacity = capacity;
  table.columns = {
    type: resized(columns.type, capacity),
    nameOrIndex: resized(columns.nameOrIndex, capacity),
    toNode: resized(columns.toNode, capacity),
  };
}
