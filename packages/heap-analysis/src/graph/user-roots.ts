import type { GraphColumns } from './columns.ts';
import { createDocumentTreesTest } from './page-owned.ts';

/** Children of the root that are no synthetic node: where distances start. A node may stand here more than once. */
export function userRoots(graph: GraphColumns): number[] {
  const { nodes, edges, nodeTypes, rootOrdinal } = graph;
  const isDocumentTrees = createDocumentTreesTest(graph);
  const children = edges.toNode.subarray(nodes.firstEdge[rootOrdinal], nodes.firstEdge[rootOrdinal + 1]);
  return [...children].filter((node) => nodes.type[node] !== nodeTypes.synthetic || isDocumentTrees(node));
}
