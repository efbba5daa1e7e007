import type { GraphColumns } from './columns.ts';
import { createNameTest } from './name-test.ts';

/** One byte per node: 1 for what the program owns, reachable without weak edges from the root's global objects. */
export function markPageOwned(graph: GraphColumns): Uint8Array {
  const { nodes, edges, edgeTypes } = graph;
  const isOwned = new Uint8Array(graph.nodeCount);
  const toVisit = new Uint32Array(graph.nodeCount);
  let length = 0;
  for (const node of entryPoints(graph)) {
    // The same node may stand there twice; DevTools visits it twice, with the same result.
    if (isOwned[node] === 0) toVisit[length++] = node;
    isOwned[node] = 1;
  }
  while (length > 0) {
    const node = toVisit[--length]!;
    const end = nodes.firstEdge[node + 1]!;
    for (let edge = nodes.firstEdge[node]!; edge < end; edge++) {
      const child = edges.toNode[edge]!;
      if (isOwned[child] === 1 || edges.type[edge] === edgeTypes.weak) continue;
      isOwned[child] = 1;
      toVisit[length++] = child;
    }
  }
  return isOwned;
}

/** Global objects hang on the root by shortcut edges. */
function entryPoints(graph: GraphColumns): number[] {
  const { nodes, edges, edgeTypes, rootOrdinal } = graph;
  const isDocumentTrees = createDocumentTreesTest(graph);
  const points: number[] = [];
  const end = nodes.firstEdge[rootOrdinal + 1]!;
  for (let edge = nodes.firstEdge[rootOrdinal]!; edge < end; edge++) {
    const type = edges.type[edge];
    const node = edges.toNode[edge]!;
    if (type === edgeTypes.shortcut || (type === edgeTypes.element && isDocumentTrees(node)))
      points.push(node);
  }
  return points;
}

/** The synthetic node that holds the DOM trees of a browser page. */
export function createDocumentTreesTest({
  nodes,
  nodeTypes,
  strings,
}: GraphColumns): (node: number) => boolean {
  const isName = createNameTest(strings, (text) => text === '(Document DOM trees)');
  return (node) => nodes.type[node] === nodeTypes.synthetic && isName(nodes.name[node]!);
}
