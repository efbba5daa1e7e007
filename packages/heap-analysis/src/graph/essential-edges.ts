import type { EphemeronNames } from './ephemerons.ts';
import type { GraphColumns } from './columns.ts';
import { markPageOwned } from './page-owned.ts';

/** One byte per edge: 1 where the edge keeps its target alive in the sense of dominators (`computeIsEssentialEdge`). */
export function markEssentialEdges(graph: GraphColumns, ephemerons: EphemeronNames): Uint8Array {
  const isEssential = new Uint8Array(graph.edgeCount);
  const isPageOwned = markPageOwned(graph);
  const { nodes } = graph;
  for (let node = 0; node < graph.nodeCount; node++) {
    const end = nodes.firstEdge[node + 1]!;
    for (let edge = nodes.firstEdge[node]!; edge < end; edge++) {
      if (isEssentialEdge(graph, { node, edge, isPageOwned, ephemerons })) isEssential[edge] = 1;
    }
  }
  return isEssential;
}

interface Candidate {
  readonly node: number;
  readonly edge: number;
  readonly isPageOwned: Uint8Array;
  readonly ephemerons: EphemeronNames;
}

function isEssentialEdge(graph: GraphColumns, candidate: Candidate): boolean {
  const { edges, edgeTypes } = graph;
  const { node, edge, isPageOwned } = candidate;
  const type = edges.type[edge];
  const child = edges.toNode[edge]!;
  if (type === edgeTypes.weak || child === node) return false;
  if (type === edgeTypes.internal && isEdgeOfWeakTable(graph, candidate)) return false;
  if (node === graph.rootOrdinal) return true;
  // At the root a shortcut marks a global object; elsewhere it only repeats another edge.
  if (type === edgeTypes.shortcut) return false;
  // What the program owns is not held by what the debugger or the embedder owns.
  return isPageOwned[child] === 0 || isPageOwned[node] === 1;
}

/** A WeakMap's value is held by key and table together; of the two edges the one from the key says more. */
function isEdgeOfWeakTable({ nodes, edges }: GraphColumns, { node, edge, ephemerons }: Candidate): boolean {
  return ephemerons(edges.nameOrIndex[edge]!)?.tableId === nodes.id[node];
}
