import type { ConstructorDelta } from '@heapfloor/contract';
import { aggregateClasses, type ClassAggregates } from './graph/class-aggregates.ts';
import { classifyNodes, type Classification } from './graph/classification.ts';
import type { HeapGraph } from './graph/graph.ts';
import { indexById } from './graph/id-index.ts';

/** The nodes of one snapshot that the Comparison view counts, by ascending id. */
interface IdList {
  readonly length: number;
  readonly ids: Uint32Array;
  /** Class key of each, as a number that both snapshots share. */
  readonly keys: Uint32Array;
  readonly sizes: Float64Array;
}

interface KeyedClass {
  readonly key: string;
  readonly delta: ConstructorDelta;
}

/** DevTools' Comparison view: what came and went per class, largest size delta first. Ids live as long as an isolate. */
export function compareSnapshots(base: HeapGraph, current: HeapGraph): ConstructorDelta[] {
  return compareByKey(base, current).map(({ delta }) => delta);
}

/** The same rows with their class keys. */
export function compareByKey(base: HeapGraph, current: HeapGraph): KeyedClass[] {
  const numbers = new Map<string, number>();
  const deltas: ConstructorDelta[] = [];
  // As in DevTools, plain objects of both snapshots are told apart by the kinds found in the newer one.
  const baseClasses = classifyNodes({ ...base, graph: base, interfaces: current.interfaces });
  const baseList = listById(base, { classification: baseClasses, numbers, deltas });
  const currentList = listById(current, { classification: current.classes, numbers, deltas });
  countDifferences(baseList, currentList, deltas);
  return [...numbers]
    .map(([key, number]) => ({ key, delta: finish(deltas[number]!) }))
    .filter(({ delta }) => delta.newCount > 0 || delta.deletedCount > 0)
    .toSorted(
      (a, b) => b.delta.sizeDeltaBytes - a.delta.sizeDeltaBytes || b.delta.countDelta - a.delta.countDelta,
    );
}

interface ListInput {
  readonly classification: Classification;
  readonly numbers: Map<string, number>;
  readonly deltas: ConstructorDelta[];
}

function listById(graph: HeapGraph, input: ListInput): IdList {
  const { classification } = input;
  const { dominators, retainedSize, nodes } = graph;
  const aggregates = aggregateClasses({ graph, classification, dominators, retainedSize });
  const numberOf = keyNumbers(aggregates, input);
  const isCounted = (node: number): boolean =>
    nodes.selfSize[node] !== 0 && aggregates.isShown[classification.classOf[node]!] === 1;
  const { ids, ordinals } = indexById(graph, isCounted);
  return {
    length: ids.length,
    ids,
    keys: Uint32Array.from(ordinals, (node) => numberOf[classification.classOf[node]!]!),
    sizes: Float64Array.from(ordinals, (node) => nodes.selfSize[node]!),
  };
}

function keyNumbers(
  { isShown }: ClassAggregates,
  { classification, numbers, deltas }: ListInput,
): Uint32Array {
  return Uint32Array.from(classification.classes, ({ key, name }, index) => {
    if (isShown[index] === 0) return 0;
    let number = numbers.get(key);
    if (number === undefined) {
      number = deltas.push(emptyDelta(name)) - 1;
      numbers.set(key, number);
    }
    return number;
  });
}

/** An object is the same if its id and its class are: one that changed its class went and came. */
function countDifferences(base: IdList, current: IdList, deltas: ConstructorDelta[]): void {
  let i = 0;
  let j = 0;
  while (i < base.length || j < current.length) {
    const baseId = base.ids[i] ?? Infinity;
    const currentId = current.ids[j] ?? Infinity;
    if (baseId === currentId && base.keys[i] === current.keys[j]) {
      i++;
      j++;
    } else if (baseId <= currentId) countDeleted(base, i++, deltas);
    else countNew(current, j++, deltas);
    // Same id, other class: the deleted one was counted above, the new one is counted in the next round.
  }
}

function countNew(list: IdList, at: number, deltas: ConstructorDelta[]): void {
  const delta = deltas[list.keys[at]!]!;
  delta.newCount++;
  delta.newSizeBytes += list.sizes[at]!;
}

function countDeleted(list: IdList, at: number, deltas: ConstructorDelta[]): void {
  const delta = deltas[list.keys[at]!]!;
  delta.deletedCount++;
  delta.deletedSizeBytes += list.sizes[at]!;
}

function finish(delta: ConstructorDelta): ConstructorDelta {
  return {
    ...delta,
    countDelta: delta.newCount - delta.deletedCount,
    sizeDeltaBytes: delta.newSizeBytes - delta.deletedSizeBytes,
  };
}

function emptyDelta(name: string): ConstructorDelta {
  return {
    name,
    newCount: 0,
    deletedCount: 0,
    countDelta: 0,
    newSizeBytes: 0,
    deletedSizeBytes: 0,
    sizeDeltaBytes: 0,
  };
}
