import { classifyNodes } from '../graph/classification.ts';
import type { HeapGraph } from '../graph/graph.ts';
import type { InterfaceDefinition } from '../graph/plain-objects.ts';

/** How many objects of a class a snapshot has, plain objects told apart by another snapshot's kinds. */
export function countClass(
  graph: HeapGraph,
  classKey: string,
  interfaces: readonly InterfaceDefinition[],
): number {
  const { classOf, classes } = classifyNodes({ ...graph, graph, interfaces });
  const isWanted = classes.map(({ key }) => key === classKey);
  let count = 0;
  for (let node = 0; node < graph.nodeCount; node++) {
    if (isWanted[classOf[node]!] === true && graph.nodes.selfSize[node] !== 0) count++;
  }
  return count;
}
