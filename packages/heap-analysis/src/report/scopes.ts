import type { GraphColumns } from '../graph/columns.ts';
import type { HeapGraph } from '../graph/graph.ts';
import { internalTarget } from './edge-lookup.ts';

/** V8's holder of a scope's captured variables. */
export function isContext({ nodes, nodeTypes, strings }: GraphColumns, node: number): boolean {
  if (nodes.type[node] !== nodeTypes.object) return false;
  const name = strings.get(nodes.name[node]!);
  return name === 'system / Context' || name.startsWith('system / Context / ');
}

/** The outermost scope of a module: an ES module's own, or that of the function that Node wraps around CommonJS. */
export function isModuleScope(graph: GraphColumns, context: number): boolean {
  const previous = internalTarget(graph, context, 'previous');
  return previous !== -1 && isNativeContext(graph, previous);
}

function isNativeContext({ nodes, strings }: GraphColumns, node: number): boolean {
  const name = strings.get(nodes.name[node]!);
  return name === 'system / NativeContext' || name.startsWith('system / NativeContext / ');
}

/** An exported variable lives in a cell and not in the module's context. */
export function isCell({ nodes, nodeTypes, strings }: GraphColumns, node: number): boolean {
  return nodes.type[node] === nodeTypes.hidden && strings.get(nodes.name[node]!) === 'system / Cell';
}

/** Name of the export whose value a cell holds: in the module's table of exports the name stands before its cell. */
export function exportName(graph: HeapGraph, cell: number): string | null {
  const { nodes, edges, nodeTypes, nodeCount } = graph;
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.type[node] !== nodeTypes.array) continue;
    for (let edge = nodes.firstEdge[node]!; edge < nodes.firstEdge[node + 1]!; edge++) {
      const name = edges.toNode[edge] === cell ? stringBefore(graph, node, edge) : null;
      if (name !== null) return name;
    }
  }
  return null;
}

function stringBefore(graph: HeapGraph, table: number, edge: number): string | null {
  const { nodes, edges, nodeTypes, edgeTypes, strings } = graph;
  const indexOf = (at: number): number =>
    edges.type[at] === edgeTypes.internal ? Number(strings.get(edges.nameOrIndex[at]!)) : Number.NaN;
  const wanted = indexOf(edge) - 1;
  for (let other = nodes.firstEdge[table]!; other < nodes.firstEdge[table + 1]!; other++) {
    const target = edges.toNode[other]!;
    if (indexOf(other) !== wanted || nodes.type[target] !== nodeTypes.string) continue;
    return strings.get(nodes.name[target]!);
  }
  return null;
}

/** The object that a script calls globalThis. */
export function isGlobalObject({ nodes, nodeTypes, strings }: GraphColumns, node: number): boolean {
  if (nodes.type[node] !== nodeTypes.object) return false;
  const name = strings.get(nodes.name[node]!);
  return name === 'global' || name.startsWith('global ') || name.startsWith('global / ');
}
