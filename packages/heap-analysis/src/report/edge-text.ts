import type { HeapGraph } from '../graph/graph.ts';
import { edgeSource } from './edge-lookup.ts';
import { exportName, isCell, isContext, isGlobalObject, isModuleScope } from './scopes.ts';

/** The way from one object that a programmer knows to the next, with V8's own nodes between them. */
export interface Segment {
  /** The object before; -1 where the path starts. */
  readonly from: number;
  /** The last of these leads to `to`. */
  readonly edges: readonly number[];
  readonly to: number;
}

export type EdgeKind =
  | 'module variable'
  | 'closure variable'
  | 'global'
  | 'property'
  | 'index'
  | 'entry'
  | 'internal';

export interface DescribedEdge {
  readonly text: string;
  readonly kind: EdgeKind;
  /** The context that holds the variable, -1 for none. */
  readonly context: number;
}

/** How a programmer would write the segment: `.sessions`, `[key]`, `store, in module scope`. */
export function describeSegment(graph: HeapGraph, segment: Segment): DescribedEdge {
  const { nodes } = graph;
  if (isGlobalObject(graph, segment.to)) return plain('globalThis', 'global');
  const edge = segment.edges.at(-1);
  // The path starts here: another global object, or whatever else the embedder made a root.
  if (edge === undefined) return plain('(root)', 'internal');
  const holder = edgeSource(graph, edge);
  if (isContext(graph, holder)) return describeVariable(graph, edge, holder);
  if (isCell(graph, holder)) {
    const name = exportName(graph, holder);
    if (name !== null) return plain(`${name}, in module scope`, 'module variable');
  }
  if (holder !== segment.from) return plain(...describeHidden(graph, segment));
  const isNamed = hasName(graph, edge);
  if (isNamed && isGlobalObject(graph, holder)) return plain(`global${propertyText(graph, edge)}`, 'global');
  if (isNamed) return plain(propertyText(graph, edge), 'property');
  if (graph.edges.type[edge] === graph.edgeTypes.element)
    return plain(`[${graph.edges.nameOrIndex[edge]}]`, 'index');
  return plain(
    `(${internalName(graph, edge)})`,
    nodes.type[holder] === graph.nodeTypes.synthetic ? 'index' : 'internal',
  );
}

function describeVariable(graph: HeapGraph, edge: number, context: number): DescribedEdge {
  const isModule = isModuleScope(graph, context);
  const name = internalName(graph, edge);
  if (graph.edges.type[edge] !== graph.edgeTypes.context) return plain(`(${name})`, 'internal');
  return {
    text: `${name}, in ${isModule ? 'module' : 'closure'} scope`,
    kind: isModule ? 'module variable' : 'closure variable',
    context,
  };
}

function plain(text: string, kind: EdgeKind): DescribedEdge {
  return { text, kind, context: -1 };
}

/** Through a table, an array of elements, or another internal part of the object. */
function describeHidden(graph: HeapGraph, segment: Segment): [string, EdgeKind] {
  const first = internalName(graph, segment.edges[0]!);
  if (first !== 'table') return [`(${first})`, 'internal'];
  const owner = graph.strings.get(graph.nodes.name[segment.from]!);
  return [owner === 'Set' || owner === 'WeakSet' ? '(value)' : '[key]', 'entry'];
}

function hasName({ edges, edgeTypes }: HeapGraph, edge: number): boolean {
  return edges.type[edge] === edgeTypes.property || edges.type[edge] === edgeTypes.shortcut;
}

function internalName({ edges, edgeTypes, strings }: HeapGraph, edge: number): string {
  const type = edges.type[edge];
  if (type === edgeTypes.element || type === edgeTypes.hidden) return String(edges.nameOrIndex[edge]);
  return strings.get(edges.nameOrIndex[edge]!);
}

/**
 * A property name as code. What does not look like a name that somebody wrote (an e-mail address, a session id as the key
 * of a dictionary) is user data and stays out of the report.
 */
function propertyText({ edges, strings }: HeapGraph, edge: number): string {
  const name = strings.get(edges.nameOrIndex[edge]!);
  const symbol = /^<symbol ?(?<description>.*)>$/s.exec(name)?.groups?.['description'];
  const text = symbol ?? name;
  if (!/^[\w$:./ -]{1,60}$/.test(text) || /\d{4}|@/.test(text)) return '[key]';
  if (symbol !== undefined) return `[Symbol(${symbol})]`;
  // Node's module cache has the full paths of this machine as keys.
  if (/[\\/].*\.\w+$/.test(text)) return `["${text.slice(text.search(/[^\\/]*$/))}"]`;
  return /^[\w$]+$/.test(text) && !/^\d/.test(text) ? `.${text}` : `["${text}"]`;
}
