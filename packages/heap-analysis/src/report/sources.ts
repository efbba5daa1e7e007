import type { HeapGraph } from '../graph/graph.ts';
import { createNameTest } from '../graph/name-test.ts';
import { internalTarget } from './edge-lookup.ts';
import { createShortenPath, isUserScript } from './script-path.ts';

/** Where things are defined, in the program's own terms. */
export interface Sources {
  /** `shop.js:41` of a function, or of the class of an object; null where the snapshot does not tell. */
  readonly ofNode: (node: number) => string | null;
  /** `shop.js` of the function or module whose variables a context holds. */
  readonly ofContext: (context: number) => string | null;
  /** Whether the class of an object, or a function, was written by the user. */
  readonly isUserCode: (node: number) => boolean;
}

/** Snapshots name scripts by number; the names come from the functions, which lead to their script. */
export function createSources(graph: HeapGraph): Sources {
  const names = scriptNames(graph);
  const shorten = createShortenPath([...names.values()].filter(isUserScript));
  const nameAt = (row: number): string => names.get(graph.locations.scriptId[row]!) ?? '';
  return {
    ofNode: (node) => {
      const row = graph.locationOf[node]!;
      if (row === -1 || nameAt(row) === '') return null;
      // Lines count from 0 in a snapshot and from 1 in every editor.
      return `${shorten(nameAt(row))}:${graph.locations.line[row]! + 1}`;
    },
    ofContext: (context) => {
      const row = closureRowOf(graph, context);
      return row === -1 || nameAt(row) === '' ? null : shorten(nameAt(row));
    },
    isUserCode: (node) => graph.locationOf[node] !== -1 && isUserScript(nameAt(graph.locationOf[node]!)),
  };
}

/** Name of each script that a function of the heap belongs to: closure → shared function info → script. */
function scriptNames(graph: HeapGraph): Map<number, string> {
  const { locations, nodes, nodeTypes, strings } = graph;
  const names = new Map<number, string>();
  for (let row = 0; row < locations.count; row++) {
    const scriptId = locations.scriptId[row]!;
    const node = locations.node[row]!;
    if (names.has(scriptId) || nodes.type[node] !== nodeTypes.closure) continue;
    const shared = internalTarget(graph, node, 'shared');
    const script = shared === -1 ? -1 : internalTarget(graph, shared, 'script');
    if (script !== -1) names.set(scriptId, strings.get(nodes.name[script]!));
  }
  return names;
}

/** Location of a function that was made in a context; -1 for none. */
function closureRowOf(graph: HeapGraph, context: number): number {
  const { nodes, edges, nodeTypes, edgeTypes, strings, nodeCount } = graph;
  const isContextName = createNameTest(strings, (text) => text === 'context');
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.type[node] !== nodeTypes.closure || graph.locationOf[node] === -1) continue;
    for (let edge = nodes.firstEdge[node]!; edge < nodes.firstEdge[node + 1]!; edge++) {
      if (edges.toNode[edge] !== context || edges.type[edge] !== edgeTypes.internal) continue;
      if (isContextName(edges.nameOrIndex[edge]!)) return graph.locationOf[node]!;
    }
  }
  return -1;
}
