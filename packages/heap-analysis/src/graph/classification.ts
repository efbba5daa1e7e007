import type { LocationColumns } from '../snapshot/raw-snapshot.ts';
import { classNameRules, type ClassNameRules } from './class-names.ts';
import type { GraphColumns } from './columns.ts';
import { matchInterfaces } from './match-interfaces.ts';
import type { InterfaceDefinition, PlainObjects } from './plain-objects.ts';

export interface HeapClass {
  /** Name as DevTools shows it. */
  readonly name: string;
  /**
   * Equal in two snapshots for the same class: `,name`, or `scriptId,line,column,name` where the place of the
   * constructor is known, so that two classes with one name stay apart.
   */
  readonly key: string;
}

/** The class of every node. */
export interface Classification {
  /** Index into `classes`. */
  readonly classOf: Uint32Array;
  readonly classes: readonly HeapClass[];
}

export interface ClassificationInput {
  readonly graph: GraphColumns;
  readonly plainObjects: PlainObjects;
  /** Of this snapshot, or of the newer one in a comparison. */
  readonly interfaces: readonly InterfaceDefinition[];
  readonly locations: LocationColumns;
  readonly locationOf: Int32Array;
}

interface Builder extends ClassificationInput {
  readonly rules: ClassNameRules;
  /** Index of the interface of each plain object, in their order. */
  readonly interfaceOf: Int32Array;
  readonly classes: HeapClass[];
  /** Classes whose name is a string of the file, by its index. */
  readonly byStringIndex: Map<number, number>;
  /** All others, by key. A made name has a space in front of its key, which no other key has. */
  readonly byKey: Map<string, number>;
  nextPlainObject: number;
}

/**
 * Without a place, classes are kept apart by the *index* of their name and not by its text, as in DevTools: the name
 * `RegExp` that is made for regexp nodes is another than the `RegExp` that an object is called in the file. The two
 * then have one key; see `aggregateClasses`.
 */
export function classifyNodes(input: ClassificationInput): Classification {
  const { graph, plainObjects, interfaces } = input;
  const builder: Builder = {
    ...input,
    rules: classNameRules(graph),
    interfaceOf: matchInterfaces(graph, plainObjects, interfaces),
    classes: [],
    byStringIndex: new Map(),
    byKey: new Map(),
    nextPlainObject: 0,
  };
  const classOf = new Uint32Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node++) classOf[node] = classifyNode(builder, node);
  return { classOf, classes: builder.classes };
}

function classifyNode(builder: Builder, node: number): number {
  const { graph, rules } = builder;
  const stringIndex = graph.nodes.name[node]!;
  const madeName = takeInterfaceName(builder, node) ?? rules(graph.nodes.type[node]!, stringIndex);
  const location = graph.nodes.type[node] === graph.nodeTypes.object ? builder.locationOf[node]! : -1;
  if (location !== -1) {
    const name = madeName ?? graph.strings.get(stringIndex);
    return classWithKey(builder, `${placeKey(builder.locations, location)},${name}`, { name, prefix: '' });
  }
  if (madeName !== null) return classWithKey(builder, `,${madeName}`, { name: madeName, prefix: ' ' });
  const known = builder.byStringIndex.get(stringIndex);
  if (known !== undefined) return known;
  const name = graph.strings.get(stringIndex);
  const index = builder.classes.push({ name, key: `,${name}` }) - 1;
  builder.byStringIndex.set(stringIndex, index);
  return index;
}

/** Nodes are visited in ascending order, and so are the plain objects. */
function takeInterfaceName(builder: Builder, node: number): string | null {
  const { plainObjects, interfaceOf, interfaces } = builder;
  if (plainObjects.ordinals[builder.nextPlainObject] !== node) return null;
  const shape = plainObjects.shapeOf[builder.nextPlainObject++]!;
  return interfaces[interfaceOf[shape]!]?.name ?? null;
}

function classWithKey(builder: Builder, key: string, made: { name: string; prefix: string }): number {
  const internalKey = made.prefix + key;
  const known = builder.byKey.get(internalKey);
  if (known !== undefined) return known;
  const index = builder.classes.push({ name: made.name, key }) - 1;
  builder.byKey.set(internalKey, index);
  return index;
}

function placeKey(locations: LocationColumns, row: number): string {
  return `${locations.scriptId[row]},${locations.line[row]},${locations.column[row]}`;
}
