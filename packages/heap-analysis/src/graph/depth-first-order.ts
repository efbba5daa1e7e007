import type { GraphColumns } from './columns.ts';

/** A depth-first spanning tree. Numbers start at 1 with the root; 0 stands for "not reached". */
export interface DepthFirstOrder {
  readonly reachedCount: number;
  /** Number of each node. */
  readonly numberOf: Uint32Array;
  /** Node of each number. */
  readonly vertex: Uint32Array;
  /** Number of the tree parent of each number. */
  readonly parent: Uint32Array;
}

interface Walk {
  reachedCount: number;
  readonly graph: GraphColumns;
  readonly isEssential: Uint8Array;
  readonly numberOf: Uint32Array;
  readonly vertex: Uint32Array;
  readonly parent: Uint32Array;
  /** Next edge to look at, per node: the stack of the recursion that a deep heap would overflow. */
  readonly nextEdge: Uint32Array;
}

/**
 * Visits what the root reaches by essential edges, then what hangs on nodes that only weak edges point to, as if the
 * root held those. Nodes of a ring that nothing else reaches are left out.
 */
export function walkDepthFirst(graph: GraphColumns, isEssential: Uint8Array): DepthFirstOrder {
  const { nodeCount } = graph;
  const walk: Walk = {
    reachedCount: 0,
    graph,
    isEssential,
    numberOf: new Uint32Array(nodeCount),
    vertex: new Uint32Array(nodeCount + 1),
    parent: new Uint32Array(nodeCount + 1),
    nextEdge: new Uint32Array(nodeCount),
  };
  walkFrom(walk, graph.rootOrdinal, 0);
  if (walk.reachedCount < nodeCount) {
    const inDegree = countEssentialRetainers(graph, isEssential);
    for (let node = 0; node < nodeCount; node++) {
      if (walk.numberOf[node] === 0 && inDegree[node] === 0) walkFrom(walk, node, 1);
    }
  }
  return walk;
}

function walkFrom(walk: Walk, start: number, parentNumber: number): void {
  const { graph, vertex, parent } = walk;
  enter(walk, start, parentNumber);
  let number = walk.reachedCount;
  const top = number;
  while (number >= top) {
    const child = nextUnreached(walk, vertex[number]!);
    if (child === graph.nodeCount) {
      number = parent[number]!;
    } else {
      enter(walk, child, number);
      number = walk.reachedCount;
    }
  }
}

function enter(walk: Walk, node: number, parentNumber: number): void {
  const number = ++walk.reachedCount;
  walk.numberOf[node] = number;
  walk.vertex[number] = node;
  walk.parent[number] = parentNumber;
  walk.nextEdge[node] = walk.graph.nodes.firstEdge[node]!;
}

/** @returns the number of nodes when there is none. */
function nextUnreached(walk: Walk, node: number): number {
  const { graph, isEssential, numberOf, nextEdge } = walk;
  const end = graph.nodes.firstEdge[node + 1]!;
  let edge = nextEdge[node]!;
  for (; edge < end; edge++) {
    const child = graph.edges.toNode[edge]!;
    if (isEssential[edge] === 1 && numberOf[child] === 0) {
      nextEdge[node] = edge + 1;
      return child;
    }
  }
  nextEdge[node] = edge;
  return graph.nodeCount;
}

function countEssentialRetainers(graph: GraphColumns, isEssential: Uint8Array): Uint32Array {
  const counts = new Uint32Array(graph.nodeCount);
  for (let edge = 0; edge < graph.edgeCount; edge++) {
    if (isEssential[edge] === 1) counts[graph.edges.toNode[edge]!]!++;
  }
  return counts;
}
