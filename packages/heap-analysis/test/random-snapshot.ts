import { SnapshotBuilder, type EdgeType, type NodeType } from './snapshot-builder.ts';

/** Names that DevTools has a rule for, and some that it has none for. */
const NODE_NAMES = [
  'Object',
  'Object',
  'Object',
  'Session',
  'RegExp',
  'Function',
  '(string)',
  '<div id="a">',
  'Detached <span class="b">',
  'system / ExternalStringData',
  '(map descriptors)',
  'system / NativeContext',
  '(Document DOM trees)',
  'system / Context',
  '',
];
const PROPERTY_NAMES = ['a', 'b', 'c', 'd', 'e,f', 'g"h', '__proto__', 'x'.repeat(70), 'y'.repeat(70)];
const INTERNAL_NAMES = ['map', 'elements', 'sloppy_function_map', '5', '7'];

/** Weighted by repetition. */
const TYPES: readonly NodeType[] = [
  'object',
  'object',
  'object',
  'hidden',
  'hidden',
  'array',
  'array',
  'string',
  'code',
  'closure',
  'regexp',
  'number',
  'native',
  'native',
  'synthetic',
  'concatenated string',
  'object shape',
];
const EDGES: readonly EdgeType[] = [
  'property',
  'property',
  'property',
  'internal',
  'internal',
  'context',
  'element',
  'hidden',
  'shortcut',
  'weak',
];

export interface RandomGraph {
  /** Same seed, same snapshot. */
  readonly seed: number;
  readonly nodeCount: number;
  readonly edgeCount: number;
}

/** A heap without sense but with everything: rings that nothing reaches, weak maps, several owners, odd names. */
export function buildRandomSnapshot({ seed, nodeCount, edgeCount }: RandomGraph): SnapshotBuilder {
  const random = createRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const below = (limit: number): number => Math.floor(random() * limit);
  const builder = new SnapshotBuilder();
  const rootTargets = new Set<number>();
  builder.node({ type: 'synthetic', name: '', id: 1 });
  for (let at = 1; at < nodeCount; at++) {
    builder.node({
      type: pick(TYPES),
      name: pick(NODE_NAMES),
      id: at * 2 + 1,
      selfSize: random() < 0.2 ? 0 : below(1000),
      detachedness: random() < 0.1 ? 1 + below(2) : 0,
      ...(random() < 0.3 ? { location: [below(3), below(4), below(3)] } : {}),
    });
  }
  for (let at = 0; at < edgeCount; at++) {
    // Some nodes stay without retainers and some only reach each other.
    const from = random() < 0.1 ? 0 : below(nodeCount);
    const to = 1 + below(nodeCount - 1);
    // DevTools gives up ("BFS failed") when the root points to one node twice; V8 does not write that.
    if (from === 0 && rootTargets.has(to)) continue;
    if (from === 0) rootTargets.add(to);
    const type = from === 0 ? pick(['element', 'element', 'shortcut'] as const) : pick(EDGES);
    builder.edge(from, to, type, edgeName(type));
  }
  for (let pair = 0; pair < nodeCount / 20; pair++) addWeakMapEntry(1 + below(nodeCount - 1), pair);
  return builder;

  function edgeName(type: EdgeType): string | number {
    if (type === 'element' || type === 'hidden') return below(8);
    return type === 'property' || type === 'context' ? pick(PROPERTY_NAMES) : pick(INTERNAL_NAMES);
  }

  function addWeakMapEntry(table: number, pair: number): void {
    const key = 1 + below(nodeCount - 1);
    const value = 1 + below(nodeCount - 1);
    const name = ` / part of key (K @${key * 2 + 1}) -> value (V @${value * 2 + 1}) pair in WeakMap (table @${table * 2 + 1})`;
    builder.edge(key, value, 'internal', `${pair * 2}${name}`);
    builder.edge(table, value, 'internal', `${pair * 2 + 1}${name}`);
  }
}

/** Mulberry32: https://github.com/cprosche/mulberry32. Small and good enough to spread. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
