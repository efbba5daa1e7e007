import type { SnapshotFacts } from '@heapfloor/contract';
import type { LocationColumns } from '../snapshot/raw-snapshot.ts';
import type { Classification } from './classification.ts';
import type { GraphColumns } from './columns.ts';
import type { DominatorTree } from './dominator-tree.ts';
import type { InterfaceDefinition, PlainObjects } from './plain-objects.ts';

/** A heap with everything that Chrome DevTools derives from a snapshot, by node ordinal. */
export interface HeapGraph extends GraphColumns {
  readonly facts: SnapshotFacts;
  readonly locations: LocationColumns;
  /** Row in `locations` of each node, -1 for none. */
  readonly locationOf: Int32Array;
  readonly dominators: DominatorTree;
  /** Self size and everything dominated. */
  readonly retainedSize: Float64Array;
  /** Steps from a user root; from the system roots 100,000,000 on; -5 when unreachable. */
  readonly distance: Int32Array;
  /** Edge over which the distance was found: the last step of a shortest path. NO_EDGE for starting points. */
  readonly parentEdge: Uint32Array;
  readonly plainObjects: PlainObjects;
  readonly interfaces: readonly InterfaceDefinition[];
  readonly classes: Classification;
}
