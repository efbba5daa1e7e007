import type { EphemeronNames } from './ephemerons.ts';
import { NO_EDGE, type GraphColumns } from './columns.ts';
import { createNameTest, type NameTest } from './name-test.ts';
import { userRoots } from './user-roots.ts';

const NO_DISTANCE = -5;
/** Distances from the system roots start here (`baseSystemDistance` in HeapSnapshotModel.ts). */
const SYSTEM_DISTANCE = 100_000_000;

export interface Distances {
  readonly distance: Int32Array;
  readonly parentEdge: Uint32Array;
}

interface Search extends Distances {
  readonly graph: GraphColumns;
  readonly ephemerons: EphemeronNames;
  readonly isNativeContext: NameTest;
  readonly isSloppyFunctionMap: NameTest;
  readonly isMapDescriptors: NameTest;
  /** WeakMap entries of which one of the two edges was seen. */
  readonly pendingPairs: Set<number>;
}

/** Breadth-first steps from the user's roots, then from the system's: DevTools' `calculateDistances`, order included. */
export function computeDistances(graph: GraphColumns, ephemerons: EphemeronNames): Distances {
  const { nodeCount, rootOrdinal, strings } = graph;
  const search: Search = {
    graph,
    ephemerons,
    distance: new Int32Array(nodeCount).fill(NO_DISTANCE),
    parentEdge: new Uint32Array(nodeCount).fill(NO_EDGE),
    isNativeContext: createNameTest(strings, (text) => text === 'system / NativeContext'),
    isSloppyFunctionMap: createNameTest(strings, (text) => text === 'sloppy_function_map'),
    isMapDescriptors: createNameTest(strings, (text) => text === '(map descriptors)'),
    pendingPairs: new Set(),
  };
  const starts = userRoots(graph);
  for (const node of starts) search.distance[node] = 1;
  visitFrom(search, starts);
  search.distance[rootOrdinal] = starts.length > 0 ? SYSTEM_DISTANCE : 0;
  // Program code may reach the root; a path must not run through it a second time.
  search.parentEdge[rootOrdinal] = NO_EDGE;
  visitFrom(search, [rootOrdinal]);
  return { distance: search.distance, parentEdge: search.parentEdge };
}

function visitFrom(search: Search, starts: readonly number[]): void {
  const { graph, distance, parentEdge } = search;
  const { nodes, edges, edgeTypes } = graph;
  // Starting points may stand there twice and are then visited twice, as in DevTools.
  const queue = new Uint32Array(graph.nodeCount + starts.length);
  queue.set(starts);
  let length = starts.length;
  for (let at = 0; at < length; at++) {
    const node = queue[at]!;
    const end = nodes.firstEdge[node + 1]!;
    for (let edge = nodes.firstEdge[node]!; edge < end; edge++) {
      const child = edges.toNode[edge]!;
      if (edges.type[edge] === edgeTypes.weak || distance[child] !== NO_DISTANCE) continue;
      if (!countsAsStep(search, node, edge)) continue;
      distance[child] = distance[node]! + 1;
      parentEdge[child] = edge;
      queue[length++] = child;
    }
  }
}

function countsAsStep(search: Search, node: number, edge: number): boolean {
  const { nodes, edges, nodeTypes, edgeTypes } = search.graph;
  const type = nodes.type[node];
  const edgeType = edges.type[edge];
  const isNamed = edgeType !== edgeTypes.element && edgeType !== edgeTypes.hidden;
  const nameOrIndex = edges.nameOrIndex[edge]!;
  if (type === nodeTypes.hidden && isNamed && search.isSloppyFunctionMap(nameOrIndex)) {
    if (search.isNativeContext(nodes.name[node]!)) return false;
  }
  if (type === nodeTypes.array && search.isMapDescriptors(nodes.name[node]!)) {
    // Maps share descriptor arrays, so not every link in one belongs to every map: https://crbug.com/413608
    const index = isNamed ? Number.parseInt(search.graph.strings.get(nameOrIndex), 10) : nameOrIndex;
    return index < 2 || index % 3 !== 1;
  }
  return edgeType !== edgeTypes.internal || isSecondOfPair(search, nameOrIndex);
}

/**
 * Of a WeakMap entry's two edges the first one met is skipped, so that the value is one step behind the farther one of
 * key and table: https://crbug.com/1290800
 */
function isSecondOfPair({ ephemerons, pendingPairs }: Search, nameIndex: number): boolean {
  const name = ephemerons(nameIndex);
  if (name === null || pendingPairs.delete(name.pairId)) return true;
  pendingPairs.add(name.pairId);
  return false;
}
