import type { GraphColumns } from './columns.ts';
import { createNameTest } from './name-test.ts';
import { formatPropertyName } from './property-names.ts';

/** The limits of DevTools' `inferInterfaceDefinitions`. */
const MAX_INTERFACE_NAME_LENGTH = 120;
const MIN_OBJECT_COUNT = 2;
const MIN_OBJECT_SHARE = 1000;

/** A class that nobody declared: plain objects with the same properties. */
export interface InterfaceDefinition {
  /** `{id, name}`. */
  readonly name: string;
  readonly properties: readonly string[];
}

/** A sequence of property names, as string indexes, with the number of objects that have it. */
export interface ObjectShape {
  readonly properties: Uint32Array;
  count: number;
}

/** All objects called `Object`, by shape. */
export interface PlainObjects {
  readonly ordinals: Uint32Array;
  /** Index into `shapes` of each object. */
  readonly shapeOf: Uint32Array;
  /** In the order of their first object. */
  readonly shapes: readonly ObjectShape[];
}

export function collectPlainObjects(graph: GraphColumns): PlainObjects {
  const { nodes, nodeTypes } = graph;
  const isObjectName = createNameTest(graph.strings, (text) => text === 'Object');
  const ordinals: number[] = [];
  for (let node = 0; node < graph.nodeCount; node++) {
    if (nodes.type[node] === nodeTypes.object && isObjectName(nodes.name[node]!)) ordinals.push(node);
  }
  const shapes: ObjectShape[] = [];
  const byHash = new Map<number, number[]>();
  const shapeOf = Uint32Array.from(ordinals, (node) =>
    internShape(shapes, byHash, propertiesOf(graph, node)),
  );
  return { ordinals: Uint32Array.from(ordinals), shapeOf, shapes };
}

function propertiesOf({ nodes, edges, edgeTypes }: GraphColumns, node: number): number[] {
  const properties: number[] = [];
  const end = nodes.firstEdge[node + 1]!;
  for (let edge = nodes.firstEdge[node]!; edge < end; edge++) {
    if (edges.type[edge] === edgeTypes.property) properties.push(edges.nameOrIndex[edge]!);
  }
  return properties;
}

function internShape(shapes: ObjectShape[], byHash: Map<number, number[]>, properties: number[]): number {
  const hash = properties.reduce((sum, property) => Math.imul(sum, 31) + property, properties.length);
  const sameHash = byHash.get(hash);
  const known = sameHash?.find((index) => isEqual(shapes[index]!.properties, properties));
  if (known !== undefined) {
    shapes[known]!.count++;
    return known;
  }
  const index = shapes.push({ properties: Uint32Array.from(properties), count: 1 }) - 1;
  if (sameHash === undefined) byHash.set(hash, [index]);
  else sameHash.push(index);
  return index;
}

function isEqual(a: Uint32Array, b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/**
 * Names the common kinds of plain objects, most frequent first. As in DevTools a kind is the properties in their order
 * until the name gets too long, and needs at least 2 objects and 1 of 1000.
 */
export function inferInterfaces(
  graph: GraphColumns,
  { ordinals, shapes }: PlainObjects,
): InterfaceDefinition[] {
  const candidates = new Map<string, { definition: InterfaceDefinition; count: number }>();
  for (const shape of shapes) {
    const definition = describeShape(graph, shape);
    if (definition.properties.length === 0) continue;
    const candidate = candidates.get(definition.name);
    if (candidate === undefined) candidates.set(definition.name, { definition, count: shape.count });
    else candidate.count += shape.count;
  }
  const leastCount = Math.max(MIN_OBJECT_COUNT, ordinals.length / MIN_OBJECT_SHARE);
  return [...candidates.values()]
    .filter(({ count }) => count >= leastCount)
    .toSorted((a, b) => b.count - a.count)
    .map(({ definition }) => definition);
}

function describeShape({ strings }: GraphColumns, shape: ObjectShape): InterfaceDefinition {
  let name = '{';
  const properties: string[] = [];
  for (const stringIndex of shape.properties) {
    const property = strings.get(stringIndex);
    if (property === '__proto__') continue;
    const formatted = formatPropertyName(property);
    if (name.length > 1 && name.length + formatted.length > MAX_INTERFACE_NAME_LENGTH) break;
    name += name.length === 1 ? formatted : `, ${formatted}`;
    properties.push(property);
  }
  return { name: `${name}}`, properties };
}
