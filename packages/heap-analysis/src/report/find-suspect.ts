import type { ConstructorDelta, LeakSuspect, RetainerStep } from '@heapfloor/contract';
import { classifyNodes } from '../graph/classification.ts';
import { nodesAbove } from './edge-lookup.ts';
import { findAccumulation, type Accumulation } from './find-accumulation.ts';
import { isNew, type Growth } from './growth.ts';
import { groupOwned, matchClasses, type GrowthClasses, type GrowthGroup } from './growth-group.ts';
import { describeHolder } from './holder-text.ts';
import { createRetainerPath, isKnownObject, type PathRequest, type PathStep } from './retainer-path.ts';
import { createSources, type Sources } from './sources.ts';

/** At most so many members vote on who holds them. */
const MAX_VOTES = 2000;

export interface FoundSuspect {
  readonly suspect: Omit<LeakSuspect, 'confidence' | 'confidenceReason'>;
  readonly isChain: boolean;
  /** Key of the class that grows. */
  readonly classKey: string;
}

/** What leaks, who holds it, and how the roots reach it; null when the heap looks healthy. */
export function findSuspect(
  growth: Growth,
  deltaOfKey: ReadonlyMap<string, ConstructorDelta>,
): FoundSuspect | null {
  const { base, current } = growth;
  const baseClasses = classifyNodes({ ...base, graph: base, interfaces: current.interfaces });
  const keys = baseClasses.classes.map(({ key }) => key);
  const classes = matchClasses(growth, { classOf: baseClasses.classOf, keys });
  const accumulation = findAccumulation(growth, classes, (classIndex) => {
    return deltaOfKey.get(current.classes.classes[classIndex]!.key)?.countDelta ?? 0;
  });
  if (accumulation === null) return null;
  const sources = createSources(current);
  const culprits = narrowToUserClass(growth, { accumulation, classes, sources });
  const request = choosePath(growth, accumulation, culprits);
  const path = createRetainerPath(current, sources, request);
  const { key, name } = current.classes.classes[culprits.classIndex]!;
  const retainedDeltaBytes = culprits.growthBytes;
  const counts = deltaOfKey.get(key) ?? culprits;
  return {
    suspect: {
      constructor: name,
      source: sources.ofNode(request.culprit),
      newCount: counts.newCount,
      deletedCount: counts.deletedCount,
      countDelta: counts.newCount - counts.deletedCount,
      retainedDeltaBytes,
      // Where other parts of the heap shrank, one place grows by more than the whole; a share above 1 says nothing.
      shareOfGrowthRatio: retainedDeltaBytes / Math.max(growth.totalBytes, retainedDeltaBytes),
      retainerPath: path.map(toStep),
      holder: describeHolder(path),
    },
    isChain: accumulation.isChain,
    classKey: key,
  };
}

/** What the contract knows of a step. */
function toStep({
  edge,
  name,
  source,
  nodeId,
  selfSizeBytes,
  retainedSizeBytes,
  role,
}: PathStep): RetainerStep {
  return { edge, name, source, nodeId, selfSizeBytes, retainedSizeBytes, role };
}

/** A wrapper that nobody named (`{expiresAt, session}`) hides the class that the user knows: look one level below. */
function narrowToUserClass(
  growth: Growth,
  found: { accumulation: Accumulation; classes: GrowthClasses; sources: Sources },
): GrowthGroup {
  const { accumulation, classes, sources } = found;
  const { culprits } = accumulation;
  const isNamed = (group: GrowthGroup): boolean => isUserClass(growth, sources, group.members[0]!);
  if (accumulation.isChain || isNamed(culprits)) return culprits;
  const below = groupOwned(growth, classes, culprits.members).filter(
    (group) =>
      isNamed(group) &&
      group.newCount >= culprits.newCount / 2 &&
      group.growthBytes >= culprits.growthBytes / 2,
  );
  return below.reduce((a, b) => (b.growthBytes > a.growthBytes ? b : a), below[0] ?? culprits);
}

function isUserClass({ current }: Growth, sources: Sources, node: number): boolean {
  return current.nodes.type[node] === current.nodeTypes.object && sources.isUserCode(node);
}

/** One of the culprits to show, and the object that holds most of them. */
function choosePath(
  growth: Growth,
  { held, culprits: crowd, isChain }: Accumulation,
  culprits: GrowthGroup,
): PathRequest {
  const newMembers = culprits.members.filter((node) => isNew(growth, node));
  if (isChain) {
    const accumulator = held.members[0]!;
    const culprit = newMembers.find((node) => node !== accumulator) ?? accumulator;
    return { culprit, accumulator, isOneOfMany: false };
  }
  const wrappers = culprits === crowd ? null : new Set(crowd.members);
  const holders = new Map<number, number[]>();
  const step = Math.max(1, Math.floor(newMembers.length / MAX_VOTES));
  for (let at = 0; at < newMembers.length; at += step) {
    const node = newMembers[at]!;
    const holder = holderOf(growth, node, wrappers);
    const voters = holders.get(holder);
    if (voters === undefined) holders.set(holder, [node]);
    else voters.push(node);
  }
  const [accumulator, voters] = [...holders].reduce((a, b) => (b[1].length > a[1].length ? b : a));
  return { culprit: medianByGrowth(growth, voters), accumulator, isOneOfMany: voters.length > 1 };
}

/** The nearest known object above a culprit; where a wrapper stands between, the one above the wrapper. */
function holderOf({ current }: Growth, node: number, wrappers: ReadonlySet<number> | null): number {
  let isAboveWrapper = wrappers === null;
  for (const above of nodesAbove(current, node)) {
    if (isAboveWrapper && isKnownObject(current, above)) return above;
    isAboveWrapper ||= wrappers?.has(above) === true;
  }
  return -1;
}

function medianByGrowth({ growthBytes }: Growth, nodes: readonly number[]): number {
  const sorted = nodes.toSorted((a, b) => growthBytes[a]! - growthBytes[b]!);
  return sorted[Math.floor(sorted.length / 2)]!;
}
