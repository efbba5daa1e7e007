import type { SnapshotFacts } from '@heapfloor/contract';
import type { RawSnapshot } from '../snapshot/raw-snapshot.ts';
import { classifyNodes } from './classification.ts';
import { walkDepthFirst } from './depth-first-order.ts';
import { propagateDetachedState } from './detached-state.ts';
import { computeDistances } from './distances.ts';
import { computeRetainedSizes, createDominatorTree, type DominatorTree } from './dominator-tree.ts';
import { computeDominators } from './dominators.ts';
import { createEphemeronNames, type EphemeronNames } from './ephemerons.ts';
import { markEssentialEdges } from './essential-edges.ts';
import type { GraphColumns } from './columns.ts';
import type { HeapGraph } from './graph.ts';
import { collectPlainObjects, inferInterfaces } from './plain-objects.ts';
import { transferShallowSizes } from './shallow-sizes.ts';
import { edgeTypeNumbers, nodeTypeNumbers } from './type-numbers.ts';
import { userRoots } from './user-roots.ts';

export type SourceFacts = Pick<SnapshotFacts, 'fileName' | 'fileSizeBytes'>;

/** Derives all that DevTools derives, in its order; the columns of `raw` become the graph's and are changed. */
export function buildGraph(raw: RawSnapshot, source: SourceFacts): HeapGraph {
  const columns = toColumns(raw);
  const heapSizeBytes = columns.nodes.selfSize.reduce((sum, size) => sum + size, 0);
  if (raw.header.nodes.detachedness !== -1) propagateDetachedState(columns);
  const ephemerons = createEphemeronNames(columns.strings);
  const { dominators, retainedSize } = dominate(columns, ephemerons);
  const distances = computeDistances(columns, ephemerons);
  const locationOf = locationRows(raw);
  const plainObjects = collectPlainObjects(columns);
  const interfaces = inferInterfaces(columns, plainObjects);
  const { locations } = raw;
  const { nodeCount, edgeCount } = columns;
  return {
    ...columns,
    ...distances,
    facts: { ...source, nodeCount, edgeCount, heapSizeBytes },
    locations,
    locationOf,
    dominators,
    retainedSize,
    plainObjects,
    interfaces,
    classes: classifyNodes({ graph: columns, plainObjects, interfaces, locations, locationOf }),
  };
}

function toColumns({ header, nodes, edges, strings }: RawSnapshot): GraphColumns {
  return {
    nodeCount: header.nodeCount,
    edgeCount: header.edgeCount,
    rootOrdinal: header.rootOrdinal,
    nodes,
    edges,
    strings,
    nodeTypes: nodeTypeNumbers(header),
    edgeTypes: edgeTypeNumbers(header),
  };
}

/** The scratch arrays of the dominator pass are large; they end with this call. */
function dominate(
  columns: GraphColumns,
  ephemerons: EphemeronNames,
): { dominators: DominatorTree; retainedSize: Float64Array } {
  const isEssential = markEssentialEdges(columns, ephemerons);
  const order = walkDepthFirst(columns, isEssential);
  const dominator = computeDominators(columns, isEssential, order);
  if (userRoots(columns).length > 0) transferShallowSizes(columns);
  return {
    dominators: createDominatorTree(columns, dominator),
    retainedSize: computeRetainedSizes(columns, dominator, order),
  };
}

/** Of several rows about one node the last one counts, as in DevTools. */
function locationRows({ header, locations }: RawSnapshot): Int32Array {
  const rowOf = new Int32Array(header.nodeCount).fill(-1);
  for (let row = 0; row < locations.count; row++) rowOf[locations.node[row]!] = row;
  return rowOf;
}
