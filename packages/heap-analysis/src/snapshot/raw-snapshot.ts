import type { SnapshotHeader } from './header.ts';
import type { StringTable } from './string-table.ts';

/** Nodes as columns; the index is the node's ordinal. */
export interface NodeColumns {
  readonly type: Uint8Array<ArrayBuffer>;
  /** Index into the string table. */
  readonly name: Uint32Array<ArrayBuffer>;
  readonly id: Uint32Array<ArrayBuffer>;
  /** Doubles: a single ArrayBuffer may be larger than 4 GiB, where 32 bits would wrap. */
  readonly selfSize: Float64Array<ArrayBuffer>;
  readonly detachedness: Uint8Array<ArrayBuffer>;
  /** CSR: edges of node n are firstEdge[n] up to firstEdge[n + 1]. */
  readonly firstEdge: Uint32Array<ArrayBuffer>;
}

export interface EdgeColumns {
  readonly type: Uint8Array<ArrayBuffer>;
  /** Index into the string table, or a plain number for `element` and `hidden` edges. */
  readonly nameOrIndex: Uint32Array<ArrayBuffer>;
  /** Ordinal of the node that the edge points to. */
  readonly toNode: Uint32Array<ArrayBuffer>;
}

/** Where functions and the constructors of objects stand in their script; rows in the order of the file. */
export interface LocationColumns {
  readonly count: number;
  readonly node: Uint32Array<ArrayBuffer>;
  readonly scriptId: Uint32Array<ArrayBuffer>;
  /** From 0. */
  readonly line: Uint32Array<ArrayBuffer>;
  readonly column: Uint32Array<ArrayBuffer>;
}

/** A snapshot as it stands in the file, checked but not yet interpreted. */
export interface RawSnapshot {
  readonly header: SnapshotHeader;
  readonly nodes: NodeColumns;
  readonly edges: EdgeColumns;
  readonly locations: LocationColumns;
  readonly strings: StringTable;
}
