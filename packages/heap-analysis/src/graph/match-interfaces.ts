import type { GraphColumns } from './columns.ts';
import type { InterfaceDefinition, PlainObjects } from './plain-objects.ts';

/** A tree of properties in ascending order of their numbers; a path from the root is a set of properties. */
interface PropertyTree {
  readonly next: Map<number, PropertyTree>;
  /** Index of the first definition with exactly this set, -1 for none. */
  definition: number;
  readonly size: number;
}

interface Matcher {
  readonly root: PropertyTree;
  /** Number of each property text that any definition names. */
  readonly numbers: ReadonlyMap<string, number>;
}

/**
 * For each shape the definition that fits best, -1 for none: all its properties are there, it has the most properties,
 * and of several such it is the first (`applyInterfaceDefinitions` in DevTools). The definitions may come from another
 * snapshot, so properties are matched by their text.
 */
export function matchInterfaces(
  graph: GraphColumns,
  { shapes }: PlainObjects,
  definitions: readonly InterfaceDefinition[],
): Int32Array {
  const matcher = createMatcher(definitions);
  const numberOf = new Map<number, number>();
  const toNumber = (stringIndex: number): number => {
    let number = numberOf.get(stringIndex);
    if (number === undefined) {
      number = matcher.numbers.get(graph.strings.get(stringIndex)) ?? -1;
      numberOf.set(stringIndex, number);
    }
    return number;
  };
  return Int32Array.from(shapes, ({ properties }) => {
    const numbers = Array.from(properties, toNumber).filter((number) => number !== -1);
    return bestMatch(
      matcher.root,
      numbers.toSorted((a, b) => a - b),
    );
  });
}

function createMatcher(definitions: readonly InterfaceDefinition[]): Matcher {
  const numbers = new Map<string, number>();
  for (const property of definitions.flatMap(({ properties }) => properties)) {
    if (!numbers.has(property)) numbers.set(property, numbers.size);
  }
  const root = emptyTree(0);
  for (const [index, { properties }] of definitions.entries()) {
    const sorted = properties.map((property) => numbers.get(property)!).toSorted((a, b) => a - b);
    const leaf = sorted.reduce(descend, root);
    if (leaf.definition === -1) leaf.definition = index;
  }
  return { root, numbers };
}

function descend(tree: PropertyTree, property: number): PropertyTree {
  let next = tree.next.get(property);
  if (next === undefined) {
    next = emptyTree(tree.size + 1);
    tree.next.set(property, next);
  }
  return next;
}

function emptyTree(size: number): PropertyTree {
  return { next: new Map(), definition: -1, size };
}

/** Follows every subset of the properties that the tree knows. */
function bestMatch(root: PropertyTree, properties: readonly number[]): number {
  const states = new Set([root]);
  let best = root;
  for (const property of properties) {
    // A copy: what is added in this round has used up the property.
    for (const state of Array.from(states)) {
      const next = state.next.get(property);
      if (next === undefined) continue;
      states.add(next);
      if (isBetter(next, best)) best = next;
    }
  }
  return best.definition;
}

function isBetter(a: PropertyTree, b: PropertyTree): boolean {
  if (a.definition === -1) return false;
  return b.definition === -1 || a.size > b.size || (a.size === b.size && a.definition < b.definition);
}
