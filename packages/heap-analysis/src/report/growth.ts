import type { HeapGraph } from '../graph/graph.ts';
import { matchById, NOT_THERE } from '../graph/id-index.ts';

/** Two snapshots of one process and what happened between them. */
export interface Growth {
  readonly base: HeapGraph;
  readonly current: HeapGraph;
  /** For each node of the newer snapshot, the ordinal of the same object in the base; NOT_THERE for a new one. */
  readonly baseOrdinal: Uint32Array;
  /** For each node of the base, its ordinal in the newer snapshot; NOT_THERE for a deleted one. */
  readonly currentOrdinal: Uint32Array;
  /** How many bytes more each node of the newer snapshot keeps alive. */
  readonly growthBytes: Float64Array;
  /** Growth of the whole heap. */
  readonly totalBytes: number;
}

export function measureGrowth(base: HeapGraph, current: HeapGraph): Growth {
  const baseOrdinal = matchById(current, base);
  return {
    base,
    current,
    baseOrdinal,
    currentOrdinal: matchById(base, current),
    growthBytes: sumGrowth(base, current, baseOrdinal),
    totalBytes: current.facts.heapSizeBytes - base.facts.heapSizeBytes,
  };
}

export function isNew(growth: Growth, node: number): boolean {
  return growth.baseOrdinal[node] === NOT_THERE;
}

/**
 * An old object grew by what it retains more. A new one grew by its own size and the growth of what it dominates, not by
 * all that it retains: a fresh list head holds the old list too.
 */
function sumGrowth(base: HeapGraph, current: HeapGraph, baseOrdinal: Uint32Array): Float64Array {
  const { nodeCount, rootOrdinal, nodes, retainedSize, dominators } = current;
  const growthBytes = new Float64Array(nodeCount);
  const order = topDown(current);
  for (let at = nodeCount - 1; at >= 0; at--) {
    const node = order[at]!;
    const before = baseOrdinal[node]!;
    if (before === NOT_THERE) growthBytes[node]! += nodes.selfSize[node]!;
    else growthBytes[node] = retainedSize[node]! - base.retainedSize[before]!;
    if (node !== rootOrdinal) growthBytes[dominators.parent[node]!]! += growthBytes[node]!;
  }
  return growthBytes;
}

/** Every node after its dominator. */
function topDown({ nodeCount, rootOrdinal, dominators }: HeapGraph): Uint32Array {
  const { firstChild, children } = dominators;
  const order = new Uint32Array(nodeCount);
  order[0] = rootOrdinal;
  let length = 1;
  for (let at = 0; at < length; at++) {
    const node = order[at]!;
    for (let child = firstChild[node]!; child < firstChild[node + 1]!; child++)
      order[length++] = children[child]!;
  }
  return order;
}

/** One byte per node: 1 where it or something that it dominates grew by at least `leastBytes`. */
export function markGrowing({ current, growthBytes }: Growth, leastBytes: number): Uint8Array {
  const { nodeCount, rootOrdinal, dominators } = current;
  const isGrowing = new Uint8Array(nodeCount);
  for (let node = 0; node < nodeCount; node++) {
    if (growthBytes[node]! < leastBytes) continue;
    let above = node;
    while (isGrowing[above] === 0 && above !== rootOrdinal) {
      isGrowing[above] = 1;
      above = dominators.parent[above]!;
    }
  }
  isGrowing[rootOrdinal] = 1;
  return isGrowing;
}
