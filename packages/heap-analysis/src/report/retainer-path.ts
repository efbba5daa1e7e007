import type { RetainerStep } from '@heapfloor/contract';
import type { HeapGraph } from '../graph/graph.ts';
import { shortestPath, type Hop } from './edge-lookup.ts';
import { describeSegment, type DescribedEdge, type Segment } from './edge-text.ts';
import { isEngineData, isInternal } from './owned-children.ts';
import { isContext, isGlobalObject } from './scopes.ts';
import type { Sources } from './sources.ts';

/** A path longer than this says nothing to a reader; the middle is left out. */
const MAX_STEPS = 14;

export interface PathRequest {
  readonly culprit: number;
  /** Where the growth collects; on the shortest path to the culprit. -1 when a root holds the culprits itself. */
  readonly accumulator: number;
  /** Whether the accumulator holds many of them itself, so that the key of this one is data and says nothing. */
  readonly isOneOfMany: boolean;
}

/** A step with what the report does not show but the holder's name needs. */
export interface PathStep extends RetainerStep {
  /** File of the scope whose variable holds the object; null where no variable does. */
  readonly scopeSource: string | null;
}

/** Whether a programmer knows the object: no part of V8, no scope. */
export function isKnownObject(graph: HeapGraph, node: number): boolean {
  return !isInternal(graph, node) && !isEngineData(graph, node) && !isContext(graph, node);
}

/**
 * From the GC roots to one of the culprits in terms of the source. The way to the nearest module variable or global is
 * left out: how Node holds its modules is no part of a leak.
 */
export function createRetainerPath(graph: HeapGraph, sources: Sources, request: PathRequest): PathStep[] {
  const hops = shortestPath(graph, request.culprit);
  const segments = toSegments(graph, hops, request);
  const edges = segments.map((segment) => describeSegment(graph, segment));
  const accumulatorAt = segments.findIndex(({ to }) => to === request.accumulator);
  const start = anchorBefore(edges, accumulatorAt === -1 ? segments.length - 1 : accumulatorAt);
  const steps = segments.slice(start).map(({ to }, index) => {
    const isItem = request.isOneOfMany && accumulatorAt !== -1 && index + start === accumulatorAt + 1;
    return createStep(graph, sources, { node: to, edge: edges[start + index]!, isItem, request });
  });
  return shorten([rootStep(graph, hops, start > 0 || isAnchor(edges[0])), ...steps]);
}

/** The global object is a step only where it holds the many itself; else it is part of the next edge's text. */
function toSegments(graph: HeapGraph, hops: readonly Hop[], request: PathRequest): Segment[] {
  const segments: Segment[] = [];
  let from = -1;
  let edges: number[] = [];
  for (const { edge, node } of hops) {
    if (node !== hops[0]!.node) edges.push(edge);
    if (!isKnownObject(graph, node)) continue;
    const isStep = node === request.accumulator || !isGlobalObject(graph, node);
    if (isStep) segments.push({ from, edges, to: node });
    from = node;
    edges = [];
  }
  return segments;
}

/** The last segment up to `end` that starts at a module's variable or at a global; 0 if there is none. */
function anchorBefore(edges: readonly DescribedEdge[], end: number): number {
  for (let at = end; at > 0; at--) if (isAnchor(edges[at])) return at;
  return 0;
}

function isAnchor(edge: DescribedEdge | undefined): boolean {
  return edge?.kind === 'module variable' || edge?.kind === 'global';
}

/** Without an anchor the kind of root says who holds the object: `(Global handles)`, `(Stack roots)`. */
function rootStep(graph: HeapGraph, hops: readonly Hop[], isAnchored: boolean): PathStep {
  const { nodes, nodeTypes, rootOrdinal, retainedSize, strings } = graph;
  const synthetic = hops.filter(
    ({ node }) => nodes.type[node] === nodeTypes.synthetic && node !== rootOrdinal,
  );
  const node = isAnchored ? rootOrdinal : (synthetic.at(-1)?.node ?? rootOrdinal);
  return {
    edge: null,
    name: node === rootOrdinal ? '(GC roots)' : strings.get(nodes.name[node]!),
    source: null,
    scopeSource: null,
    nodeId: nodes.id[node]!,
    selfSizeBytes: nodes.selfSize[node]!,
    retainedSizeBytes: retainedSize[node]!,
    role: 'root',
  };
}

interface StepInput {
  readonly node: number;
  readonly edge: DescribedEdge;
  /** The step from the accumulator to one of the many. */
  readonly isItem: boolean;
  readonly request: PathRequest;
}

function createStep(graph: HeapGraph, sources: Sources, input: StepInput): PathStep {
  const { node, edge, isItem, request } = input;
  const role = node === request.culprit ? 'culprit' : node === request.accumulator ? 'accumulator' : 'holder';
  const scopeSource = edge.context === -1 ? null : sources.ofContext(edge.context);
  return {
    edge: isItem ? itemText(edge) : edge.text,
    name: objectName(graph, node),
    source: sources.ofNode(node) ?? scopeSource,
    scopeSource,
    nodeId: graph.nodes.id[node]!,
    selfSizeBytes: graph.nodes.selfSize[node]!,
    retainedSizeBytes: graph.retainedSize[node]!,
    role,
  };
}

function itemText(edge: DescribedEdge): string {
  if (edge.kind === 'global' || edge.kind === 'property') return '[key]';
  return edge.kind === 'index' ? '[index]' : edge.text;
}

/** Class of an object; of a function its name. */
export function objectName({ nodes, nodeTypes, strings, classes }: HeapGraph, node: number): string {
  const className = classes.classes[classes.classOf[node]!]!.name;
  if (nodes.type[node] !== nodeTypes.closure) return className;
  const name = strings.get(nodes.name[node]!);
  return name === '' ? className : `${name}()`;
}

/** Folds rows of equal steps (a list) and then the middle of what is still too long. */
function shorten(steps: readonly PathStep[]): PathStep[] {
  const folded = steps.filter((step, at) => {
    const isLike = (other: RetainerStep | undefined): boolean =>
      other?.edge === step.edge && other.name === step.name && other.role === step.role;
    return !(isLike(steps[at - 1]) && isLike(steps[at + 1]));
  });
  if (folded.length <= MAX_STEPS) return folded;
  return [folded[0]!, ...folded.slice(-(MAX_STEPS - 1))];
}
