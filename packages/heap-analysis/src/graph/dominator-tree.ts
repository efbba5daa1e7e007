import type { GraphColumns } from './columns.ts';
import type { DepthFirstOrder } from './depth-first-order.ts';

export interface DominatorTree {
  /** Immediate dominator of each node; the root is its own. */
  readonly parent: Uint32Array;
  /** CSR: children of node n are children[firstChild[n]] up to children[firstChild[n + 1]]. */
  readonly firstChild: Uint32Array;
  readonly children: Uint32Array;
}

export function createDominatorTree(graph: GraphColumns, dominator: Uint32Array): DominatorTree {
  const { nodeCount, rootOrdinal } = graph;
  const firstChild = new Uint32Array(nodeCount + 1);
  for (let node = 0; node < nodeCount; node++) if (node !== rootOrdinal) firstChild[dominator[node]!]!++;
  // Turns counts into ends; filling backwards then turns the ends into starts.
  for (let node = 1; node <= nodeCount; node++) firstChild[node]! += firstChild[node - 1]!;
  const children = new Uint32Array(nodeCount - 1);
  for (let node = nodeCount - 1; node >= 0; node--) {
    if (node !== rootOrdinal) children[--firstChild[dominator[node]!]!] = node;
  }
  return { parent: dominator, firstChild, children };
}

/** Sums self sizes up the dominator tree. */
export function computeRetainedSizes(
  graph: GraphColumns,
  dominator: Uint32Array,
  { vertex, numberOf, reachedCount }: DepthFirstOrder,
): Float64Array<ArrayBuffer> {
  const retainedSize = graph.nodes.selfSize.slice();
  // What nothing reaches is dominated by the root and dominates nothing itself.
  for (let node = 0; node < graph.nodeCount; node++) {
    if (numberOf[node] === 0) retainedSize[graph.rootOrdinal]! += retainedSize[node]!;
  }
  // A dominator's number is smaller than the numbers of what it dominates.
  for (let number = reachedCount; number >= 2; number--) {
    const node = vertex[number]!;
    retainedSize[dominator[node]!]! += retainedSize[node]!;
  }
  return retainedSize;
}
