import type { Classification } from './classification.ts';
import type { DominatorTree } from './dominator-tree.ts';
import type { GraphColumns } from './columns.ts';

export interface ClassAggregate {
  readonly name: string;
  count: number;
  selfSizeBytes: number;
  retainedSizeBytes: number;
}

export interface ClassAggregates {
  /** By class key. */
  readonly byKey: ReadonlyMap<string, ClassAggregate>;
  /** Whether a class (index) has a row. */
  readonly isShown: Uint8Array;
}

export interface AggregateInput {
  readonly graph: GraphColumns;
  readonly classification: Classification;
  readonly dominators: DominatorTree;
  readonly retainedSize: Float64Array;
}

/**
 * Rows of DevTools' Summary view. Nodes without own size (after the transfer to owners) are left out. Where two classes
 * share a key, DevTools shows only the one whose first object comes later in the file; so do we, to be comparable.
 */
export function aggregateClasses(input: AggregateInput): ClassAggregates {
  const { graph, classification } = input;
  const { classOf, classes } = classification;
  const rows = new Map<number, ClassAggregate>();
  for (let node = 0; node < graph.nodeCount; node++) {
    const selfSizeBytes = graph.nodes.selfSize[node]!;
    if (selfSizeBytes === 0) continue;
    const index = classOf[node]!;
    let row = rows.get(index);
    if (row === undefined) {
      row = { name: classes[index]!.name, count: 0, selfSizeBytes: 0, retainedSizeBytes: 0 };
      rows.set(index, row);
    }
    row.count++;
    row.selfSizeBytes += selfSizeBytes;
  }
  addRetainedSizes(input, rows);
  return indexByKey(classification, rows);
}

function indexByKey({ classes }: Classification, rows: ReadonlyMap<number, ClassAggregate>): ClassAggregates {
  const classOfKey = new Map<string, number>();
  for (const index of rows.keys()) classOfKey.set(classes[index]!.key, index);
  const isShown = new Uint8Array(classes.length);
  for (const index of classOfKey.values()) isShown[index] = 1;
  return { byKey: new Map([...classOfKey].map(([key, index]) => [key, rows.get(index)!])), isShown };
}

/** A class retains what its objects retain; an object below another of its class is in that one's sum already. */
function addRetainedSizes(input: AggregateInput, rows: ReadonlyMap<number, ClassAggregate>): void {
  const { graph, classification, dominators, retainedSize } = input;
  const { classOf, classes } = classification;
  const { firstChild, children } = dominators;
  /** For each class, how many of its objects are on the way from the root. */
  const openCount = new Uint32Array(classes.length);
  const nextChild = firstChild.slice();
  let node = graph.rootOrdinal;
  enterNode();
  for (;;) {
    if (nextChild[node]! < firstChild[node + 1]!) {
      node = children[nextChild[node]!++]!;
      enterNode();
      continue;
    }
    if (graph.nodes.selfSize[node] !== 0) openCount[classOf[node]!]!--;
    if (node === graph.rootOrdinal) return;
    node = dominators.parent[node]!;
  }

  function enterNode(): void {
    if (graph.nodes.selfSize[node] === 0) return;
    const index = classOf[node]!;
    if (openCount[index]!++ === 0) rows.get(index)!.retainedSizeBytes += retainedSize[node]!;
  }
}
