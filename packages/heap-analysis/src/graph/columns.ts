import type { EdgeColumns, NodeColumns } from '../snapshot/raw-snapshot.ts';
import type { StringTable } from '../snapshot/string-table.ts';
import type { EdgeTypeNumbers, NodeTypeNumbers } from './type-numbers.ts';

export const NO_EDGE = 0xffffffff;

/** The snapshot's columns with the numbers of its types: what every pass over the graph needs. */
export interface GraphColumns {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly rootOrdinal: number;
  /** Names carry DOM state as DevTools shows it, self sizes are those after the transfer to owners. */
  readonly nodes: NodeColumns;
  readonly edges: EdgeColumns;
  readonly strings: StringTable;
  readonly nodeTypes: NodeTypeNumbers;
  readonly edgeTypes: EdgeTypeNumbers;
}
