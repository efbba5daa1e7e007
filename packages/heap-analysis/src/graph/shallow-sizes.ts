import type { GraphColumns } from './columns.ts';
import { createNameTest } from './name-test.ts';

const UNVISITED = 0xffffffff;
const SEVERAL_OWNERS = 0xfffffffe;

/**
 * Moves the size of V8's internal nodes (backing arrays, hidden ones, external string data) to the one object that
 * owns them, so that a class shows what its objects cost. A copy of DevTools' `calculateShallowSizes`; the caller
 * leaves it out when there are no user roots (a snapshot with exposed internals).
 */
export function transferShallowSizes(graph: GraphColumns): void {
  const owners = findOwners(graph);
  const { nodes, nodeTypes, rootOrdinal } = graph;
  for (let node = 0; node < graph.nodeCount; node++) {
    const owner = owners[node]!;
    if (owner === node || owner === UNVISITED || owner === SEVERAL_OWNERS) continue;
    if (nodes.type[owner] === nodeTypes.synthetic || owner === rootOrdinal) continue;
    nodes.selfSize[owner]! += nodes.selfSize[node]!;
    nodes.selfSize[node] = 0;
  }
}

function findOwners(graph: GraphColumns): Uint32Array {
  const { nodes, edges, edgeTypes } = graph;
  const owners = new Uint32Array(graph.nodeCount);
  const toVisit = selfOwned(graph, owners);
  for (let node = toVisit.pop(); node !== undefined; node = toVisit.pop()) {
    const owner = owners[node]!;
    const end = nodes.firstEdge[node + 1]!;
    for (let edge = nodes.firstEdge[node]!; edge < end; edge++) {
      if (edges.type[edge] === edgeTypes.weak) continue;
      const target = edges.toNode[edge]!;
      const current = owners[target]!;
      if (current === target || current === owner || current === SEVERAL_OWNERS) continue;
      owners[target] = current === UNVISITED ? owner : SEVERAL_OWNERS;
      toVisit.push(target);
    }
  }
  return owners;
}

function selfOwned(graph: GraphColumns, owners: Uint32Array): number[] {
  const isExternalStringData = createNameTest(
    graph.strings,
    (text) => text === 'system / ExternalStringData',
  );
  const { nodes, nodeTypes } = graph;
  const found: number[] = [];
  for (let node = 0; node < graph.nodeCount; node++) {
    const type = nodes.type[node];
    const isInternal =
      type === nodeTypes.hidden ||
      type === nodeTypes.array ||
      (type === nodeTypes.native && isExternalStringData(nodes.name[node]!));
    owners[node] = isInternal ? UNVISITED : node;
    if (!isInternal) found.push(node);
  }
  return found;
}
