import type { DepthFirstOrder } from './depth-first-order.ts';
import type { GraphColumns } from './columns.ts';

/** Everything in depth-first numbers, so that "above in the tree" is "smaller". */
interface SemiNca {
  readonly ancestor: Uint32Array;
  readonly label: Uint32Array;
  readonly semi: Uint32Array;
  readonly stack: Uint32Array;
}

/**
 * Immediate dominator of every node by the SEMI-NCA algorithm, letters as in Loukas Georgiadis, "Linear-Time Algorithms
 * for Dominators and Related Problems" (Princeton 2005), §2.2. DevTools uses Lengauer-Tarjan, whose result is the same
 * and whose buckets need several times the memory. Deviation: what is unreachable is dominated by the root, as in
 * DevTools.
 */
export function computeDominators(
  graph: GraphColumns,
  isEssential: Uint8Array,
  order: DepthFirstOrder,
): Uint32Array<ArrayBuffer> {
  const { vertex, reachedCount } = order;
  const idom = immediateDominators(order, numberPredecessors(graph, isEssential, order));
  const dominator = new Uint32Array(graph.nodeCount).fill(graph.rootOrdinal);
  for (let w = 2; w <= reachedCount; w++) dominator[vertex[w]!] = vertex[idom[w]!]!;
  return dominator;
}

interface Predecessors {
  /** CSR: predecessors of number w are list[first[w]] up to list[first[w + 1]]. */
  readonly first: Uint32Array;
  readonly list: Uint32Array;
}

/** Predecessors over essential edges, by number; those that nothing reaches do not count. */
function numberPredecessors(
  graph: GraphColumns,
  isEssential: Uint8Array,
  order: DepthFirstOrder,
): Predecessors {
  const first = new Uint32Array(order.reachedCount + 2);
  forEachEdge(graph, isEssential, order, (_v, w) => first[w]!++);
  // Turns counts into ends; filling backwards then turns the ends into starts.
  for (let w = 1; w < first.length; w++) first[w]! += first[w - 1]!;
  const list = new Uint32Array(first.at(-1)!);
  forEachEdge(graph, isEssential, order, (v, w) => {
    list[--first[w]!] = v;
  });
  return { first, list };
}

function forEachEdge(
  { nodeCount, nodes, edges }: GraphColumns,
  isEssential: Uint8Array,
  { numberOf }: DepthFirstOrder,
  visit: (v: number, w: number) => void,
): void {
  for (let node = 0; node < nodeCount; node++) {
    const v = numberOf[node]!;
    if (v === 0) continue;
    const end = nodes.firstEdge[node + 1]!;
    for (let edge = nodes.firstEdge[node]!; edge < end; edge++) {
      if (isEssential[edge] === 1) visit(v, numberOf[edges.toNode[edge]!]!);
    }
  }
}

function immediateDominators(order: DepthFirstOrder, predecessors: Predecessors): Uint32Array {
  const { parent, reachedCount } = order;
  const { first, list } = predecessors;
  const state: SemiNca = {
    ancestor: parent.slice(),
    label: identity(reachedCount + 1),
    semi: identity(reachedCount + 1),
    stack: new Uint32Array(reachedCount + 1),
  };
  const { semi } = state;
  for (let w = reachedCount; w >= 2; w--) {
    let smallest = parent[w]!;
    for (let at = first[w]!; at < first[w + 1]!; at++) {
      smallest = Math.min(smallest, semi[evaluate(state, list[at]!, w)]!);
    }
    semi[w] = smallest;
  }
  const idom = parent.slice();
  for (let w = 2; w <= reachedCount; w++) {
    let candidate = parent[w]!;
    while (candidate > semi[w]!) candidate = idom[candidate]!;
    idom[w] = candidate;
  }
  return idom;
}

/** The vertex with the smallest semidominator on the path above v, among those already processed (all above w). */
function evaluate(state: SemiNca, start: number, w: number): number {
  const { ancestor, label, stack } = state;
  let v = start;
  let depth = 0;
  while (ancestor[v]! > w) {
    stack[depth++] = v;
    v = ancestor[v]!;
  }
  return depth === 0 ? label[v]! : compress(state, v, depth);
}

function compress({ ancestor, label, semi, stack }: SemiNca, top: number, depth: number): number {
  let above = top;
  for (let at = depth - 1; at >= 0; at--) {
    const v = stack[at]!;
    ancestor[v] = ancestor[above]!;
    if (semi[label[above]!]! < semi[label[v]!]!) label[v] = label[above]!;
    above = v;
  }
  return label[above]!;
}

function identity(length: number): Uint32Array {
  const numbers = new Uint32Array(length);
  for (let at = 0; at < length; at++) numbers[at] = at;
  return numbers;
}
