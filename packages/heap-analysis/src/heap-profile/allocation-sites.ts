import type { AllocationReport, AllocationSite } from '@heapfloor/contract';
import { createShortenPath, isUserScript, type ShortenPath } from '../report/script-path.ts';
import type { ProfileNode } from './profile-tree.ts';

/** As the contract says. */
const MAX_SITES = 50;

interface Place {
  selfSizeBytes: number;
  totalSizeBytes: number;
  /** The call with the largest own size stands for the place. */
  heaviest: number;
}

/** Sums a profile's calls by function: who allocates what is still alive. Every caller stands before its callees. */
export function reportAllocations(nodes: readonly ProfileNode[]): AllocationReport {
  const totals = totalSizes(nodes);
  const shorten = createShortenPath(nodes.map(({ url }) => url).filter(isUserScript));
  const places = new Map<string, Place>();
  for (const [index, node] of nodes.entries()) {
    const place = places.get(placeKey(node)) ?? { selfSizeBytes: 0, totalSizeBytes: 0, heaviest: index };
    places.set(placeKey(node), place);
    place.selfSizeBytes += node.selfSizeBytes;
    // In a recursion the outermost call holds the sum of the inner ones.
    if (!hasCallerAt(nodes, index)) place.totalSizeBytes += totals[index]!;
    if (node.selfSizeBytes > nodes[place.heaviest]!.selfSizeBytes) place.heaviest = index;
  }
  const sites = [...places.values()]
    .filter(({ selfSizeBytes }) => selfSizeBytes > 0)
    .toSorted((a, b) => b.selfSizeBytes - a.selfSizeBytes || b.totalSizeBytes - a.totalSizeBytes)
    .slice(0, MAX_SITES);
  return {
    totalSizeBytes: nodes.reduce((sum, { selfSizeBytes }) => sum + selfSizeBytes, 0),
    sites: sites.map((place) => toSite(nodes, shorten, place)),
  };
}

function totalSizes(nodes: readonly ProfileNode[]): number[] {
  const totals = nodes.map(({ selfSizeBytes }) => selfSizeBytes);
  for (let index = nodes.length - 1; index > 0; index--) totals[nodes[index]!.parent]! += totals[index]!;
  return totals;
}

function placeKey({ functionName, url, lineNumber, columnNumber }: ProfileNode): string {
  return `${url}:${lineNumber}:${columnNumber}:${functionName}`;
}

function hasCallerAt(nodes: readonly ProfileNode[], index: number): boolean {
  const key = placeKey(nodes[index]!);
  for (let at = nodes[index]!.parent; at !== -1; at = nodes[at]!.parent) {
    if (placeKey(nodes[at]!) === key) return true;
  }
  return false;
}

function toSite(nodes: readonly ProfileNode[], shorten: ShortenPath, place: Place): AllocationSite {
  const node = nodes[place.heaviest]!;
  return {
    functionName: functionName(node),
    source: sourceOf(node, shorten),
    selfSizeBytes: place.selfSizeBytes,
    totalSizeBytes: place.totalSizeBytes,
    stack: stackOf(nodes, place.heaviest).map((call) => describeCall(call, shorten)),
  };
}

/** The head of the tree is V8's `(root)` and no call. */
function stackOf(nodes: readonly ProfileNode[], index: number): ProfileNode[] {
  const stack: ProfileNode[] = [];
  for (let at = index; at > 0; at = nodes[at]!.parent) stack.push(nodes[at]!);
  return stack.toReversed();
}

function describeCall(node: ProfileNode, shorten: ShortenPath): string {
  const source = sourceOf(node, shorten);
  return source === null ? functionName(node) : `${functionName(node)} (${source})`;
}

function functionName({ functionName: name }: ProfileNode): string {
  return name === '' ? '(anonymous)' : name;
}

/** Lines count from 0 in a profile and from 1 in every editor. */
function sourceOf({ url, lineNumber }: ProfileNode, shorten: ShortenPath): string | null {
  return url === '' || lineNumber < 0 ? null : `${shorten(url)}:${lineNumber + 1}`;
}
