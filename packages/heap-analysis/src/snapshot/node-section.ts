import { malformed } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { initialCapacity, nextCapacity, resized } from './column-capacity.ts';
import type { SnapshotHeader } from './header.ts';
import { readIntegerRows } from './integer-array.ts';
import type { NodeColumns } from './raw-snapshot.ts';

const MAX_UINT32 = 0xffffffff;

/** The largest string index seen: the number of strings is known only at the end of the file. */
export interface NameBound {
  index: number;
  offset: number;
}

interface NodeTable {
  columns: NodeColumns;
  capacity: number;
  rows: number;
  edgeTotal: number;
}

export async function readNodes(
  source: ByteSource,
  header: SnapshotHeader,
  names: NameBound,
): Promise<NodeColumns> {
  const { nodeCount, nodes: layout } = header;
  const capacity = initialCapacity(nodeCount, source.file);
  const table: NodeTable = { columns: allocate(capacity), capacity, rows: 0, edgeTotal: 0 };
  const format = { what: 'nodes', fieldCount: layout.fieldCount, rowCount: nodeCount };
  await readIntegerRows(source, format, (values, offsets, rowCount) => {
    ensureCapacity(table, table.rows + rowCount, nodeCount);
    for (let row = 0; row < rowCount; row++) {
      addNode(table, { values, offsets, at: row * layout.fieldCount, header, names });
    }
  });
  if (table.edgeTotal !== header.edgeCount) {
    const seen = `${table.edgeTotal}, the sum of all edge_count fields`;
    throw malformed(source.offset, `${header.edgeCount} edges as the header promises`, seen);
  }
  table.columns.firstEdge[nodeCount] = table.edgeTotal;
  return table.columns;
}

interface NodeRow {
  readonly values: Float64Array;
  readonly offsets: Float64Array;
  /** Where the row begins in `values`. */
  readonly at: number;
  readonly header: SnapshotHeader;
  readonly names: NameBound;
}

function addNode(table: NodeTable, row: NodeRow): void {
  const { values, offsets, at, header, names } = row;
  const { nodes: layout, nodeTypes, edgeCount } = header;
  const { columns } = table;
  const ordinal = table.rows++;
  const type = values[at + layout.type]!;
  if (type >= nodeTypes.length) {
    throw malformed(offsets[at + layout.type]!, `a node type below ${nodeTypes.length}`, String(type));
  }
  const id = values[at + layout.id]!;
  if (id > MAX_UINT32) throw malformed(offsets[at + layout.id]!, 'a node id below 2^32', String(id));
  const name = values[at + layout.name]!;
  if (name > names.index) {
    names.index = name;
    names.offset = offsets[at + layout.name]!;
  }
  columns.type[ordinal] = type;
  columns.id[ordinal] = id;
  columns.name[ordinal] = name;
  columns.selfSize[ordinal] = values[at + layout.selfSize]!;
  if (layout.detachedness !== -1) columns.detachedness[ordinal] = values[at + layout.detachedness]!;
  columns.firstEdge[ordinal] = table.edgeTotal;
  table.edgeTotal += values[at + layout.edgeCount]!;
  if (table.edgeTotal > edgeCount) {
    const expected = `at most ${edgeCount} edges up to node ${ordinal}`;
    throw malformed(offsets[at + layout.edgeCount]!, expected, String(table.edgeTotal));
  }
}

function allocate(capacity: number): NodeColumns {
  return {
    type: new Uint8Array(capacity),
    name: new Uint32Array(capacity),
    id: new Uint32Array(capacity),
    selfSize: new Float64Array(capacity),
    detachedness: new Uint8Array(capacity),
    firstEdge: new Uint32Array(capacity + 1),
  };
}

function ensureCapacity(table: NodeTable, rows: number, promisedRows: number): void {
  const capacity = nextCapacity(table.capacity, rows, promisedRows);
  if (capacity === table.capacity) return;
  const { columns } = table;
  table.capacity = capacity;
  table.columns = {
    type: resized(columns.type, capacity),
    name: resized(columns.name, capacity),
    id: resized(columns.id, capacity),
    selfSize: resized(columns.selfSize, capacity),
    detachedness: resized(columns.detachedness, capacity),
    firstEdge: resized(columns.firstEdge, capacity + 1),
  };
}
