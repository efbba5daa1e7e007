import type { GraphColumns } from './columns.ts';

const UNKNOWN = 0;
const ATTACHED = 1;
const DETACHED = 2;
const STATE_BITS = 3;

interface Propagation {
  readonly graph: GraphColumns;
  readonly visited: Uint8Array;
  readonly attached: number[];
  readonly detached: number[];
  /** Name index → index of the same name with the prefix. */
  readonly renamed: Map<number, number>;
}

/**
 * What is reachable from an attached embedder object is attached, what is reachable from a detached one and not
 * attached is detached and gets the prefix `Detached `. Made for the DOM, but Node's own native objects have a state
 * too. A copy of DevTools' `propagateDOMState`, order included.
 */
export function propagateDetachedState(graph: GraphColumns): void {
  const propagation: Propagation = {
    graph,
    visited: new Uint8Array(graph.nodeCount),
    attached: [],
    detached: [],
    renamed: new Map(),
  };
  const { detachedness } = graph.nodes;
  for (let node = 0; node < graph.nodeCount; node++) {
    const state = detachedness[node]! & STATE_BITS;
    if (state !== UNKNOWN) setState(propagation, node, state);
  }
  for (let node = propagation.attached.pop(); node !== undefined; node = propagation.attached.pop()) {
    propagate(propagation, node, ATTACHED);
  }
  for (let node = propagation.detached.pop(); node !== undefined; node = propagation.detached.pop()) {
    if ((detachedness[node]! & STATE_BITS) !== ATTACHED) propagate(propagation, node, DETACHED);
  }
}

function propagate(propagation: Propagation, node: number, state: number): void {
  const { nodes, edges, edgeTypes } = propagation.graph;
  const end = nodes.firstEdge[node + 1]!;
  for (let edge = nodes.firstEdge[node]!; edge < end; edge++) {
    const type = edges.type[edge];
    if (type !== edgeTypes.hidden && type !== edgeTypes.weak)
      setState(propagation, edges.toNode[edge]!, state);
  }
}

function setState(propagation: Propagation, node: number, state: number): void {
  const { graph, visited, attached, detached } = propagation;
  if (visited[node] === 1) return;
  visited[node] = 1;
  // JavaScript objects pass nothing on: every embedder object knows its own state.
  if (graph.nodes.type[node] !== graph.nodeTypes.native) return;
  graph.nodes.detachedness[node] = state;
  if (state === ATTACHED) attached.push(node);
  if (state !== DETACHED) return;
  rename(propagation, node);
  detached.push(node);
}

function rename({ graph, renamed }: Propagation, node: number): void {
  const name = graph.nodes.name[node]!;
  let newName = renamed.get(name);
  if (newName === undefined) {
    newName = graph.strings.add(`Detached ${graph.strings.get(name)}`);
    renamed.set(name, newName);
  }
  graph.nodes.name[node] = newName;
}
