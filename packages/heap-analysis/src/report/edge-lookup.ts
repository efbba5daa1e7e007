import { NO_EDGE, type GraphColumns } from '../graph/columns.ts';
import type { HeapGraph } from '../graph/graph.ts';

/** Target of a node's internal edge with a name; -1 for none. */
export function internalTarget(graph: GraphColumns, node: number, name: string): number {
  const { nodes, edges, edgeTypes, strings } = graph;
  for (let edge = nodes.firstEdge[node]!; edge < nodes.firstEdge[node + 1]!; edge++) {
    if (edges.type[edge] !== edgeTypes.internal) continue;
    if (strings.get(edges.nameOrIndex[edge]!) === name) return edges.toNode[edge]!;
  }
  return -1;
}

/** The node that an edge starts at. */
export function edgeSource({ nodes, nodeCount }: GraphColumns, edge: number): number {
  let low = 0;
  let high = nodeCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (nodes.firstEdge[middle + 1]! <= edge) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One step of a shortest path: the edge and the node that it leads to. */
export interface Hop {
  /** NO_EDGE at the start. */
  readonly edge: number;
  readonly node: number;
}

/** The nodes on the shortest path to a node, nearest first and without itself. */
export function* nodesAbove(graph: HeapGraph, target: number): Generator<number> {
  for (const { node } of hopsUpwards(graph, target)) if (node !== target) yield node;
}

/** The shortest path to a node, its starting point first. */
export function shortestPath(graph: HeapGraph, target: number): Hop[] {
  return [...hopsUpwards(graph, target)].toReversed();
}

function* hopsUpwards(graph: HeapGraph, target: number): Generator<Hop> {
  let node = target;
  for (;;) {
    const edge = graph.parentEdge[node]!;
    yield { edge, node };
    if (edge === NO_EDGE) return;
    node = edgeSource(graph, edge);
  }
}
