import type { GraphColumns } from '../graph/columns.ts';
import type { HeapGraph } from '../graph/graph.ts';

/**
 * V8's own parts of an object: a Map's table, an array's elements, cells. They are re-allocated while the object stays,
 * so they would look new; whoever dominates them is taken as the owner of what they hold.
 */
export function isInternal({ nodes, nodeTypes }: GraphColumns, node: number): boolean {
  const type = nodes.type[node];
  return type === nodeTypes.hidden || type === nodeTypes.array;
}

/** What V8 keeps for the engine: it warms up and is collected as the engine likes, and nobody leaks it as such. */
export function isEngineData({ nodes, nodeTypes }: GraphColumns, node: number): boolean {
  const type = nodes.type[node];
  return type === nodeTypes.code || type === nodeTypes['object shape'] || type === nodeTypes.synthetic;
}

/** Objects that a node dominates directly or through internal nodes only. */
export function ownedChildren(graph: HeapGraph, node: number): number[] {
  const { firstChild, children } = graph.dominators;
  const owned: number[] = [];
  const toOpen = [node];
  for (let open = toOpen.pop(); open !== undefined; open = toOpen.pop()) {
    for (let at = firstChild[open]!; at < firstChild[open + 1]!; at++) {
      const child = children[at]!;
      if (isInternal(graph, child)) toOpen.push(child);
      else owned.push(child);
    }
  }
  return owned;
}
