import { isNew, markGrowing, type Growth } from './growth.ts';
import { groupOwned, type GrowthClasses, type GrowthGroup } from './growth-group.ts';
import { isEngineData, ownedChildren } from './owned-children.ts';

/**
 * Fewer bytes are no finding. Measured on Node 22, 24 and 26 under HTTP traffic without a leak and without a warm-up: the
 * largest group of new objects with one owner had 17 kB (sockets of the keep-alive pool). What the engine adds after
 * the first snapshot (up to 150 kB of code and feedback) belongs to no group of new objects.
 */
const LEAST_BYTES = 128 * 1024;
/** In a large heap more of what is in flight differs from one moment to the next. */
const LEAST_HEAP_SHARE = 0.002;
/** A leak is most of what grows once a process is warm; 20 % leaves room for two leaks and a cache that fills. */
const LEAST_GROWTH_SHARE = 0.2;
/** Below this, objects are single things that were created late (a socket, a module, a wasm instance). */
const LEAST_COUNT = 10;
/** A group in which one object has more of the growth than this is no crowd; look into that object instead. */
const MOST_BY_ONE_SHARE = 0.5;
/** Of the new objects in a new container, so many have to be more than there were before. */
const LEAST_NET_SHARE = 0.25;
/** A Map's string keys may be larger than its values, and still the values are what leaks. */
const PLAIN_VALUE_WEIGHT = 0.25;
const MAX_DEPTH = 8;

/** Where the growth collects. */
export interface Accumulation {
  /** What the accumulator holds: new objects, or old ones that all grow. */
  readonly held: GrowthGroup;
  /** The many new objects; `held` itself, or what hangs on its members. */
  readonly culprits: GrowthGroup;
  /** A chain (a linked list) has no single owner: everything hangs on the first link. */
  readonly isChain: boolean;
}

export function leastSuspectBytes({ totalBytes, current }: Growth): number {
  const { heapSizeBytes } = current.facts;
  return Math.max(LEAST_BYTES, heapSizeBytes * LEAST_HEAP_SHARE, totalBytes * LEAST_GROWTH_SHARE);
}

/** Net growth of a class: its new objects less its deleted ones, wherever they were. */
export type NetCountOf = (classIndex: number) => number;

/** The largest crowd of new objects with one owner; null when nothing grew enough to be worth a look. */
export function findAccumulation(
  growth: Growth,
  classes: GrowthClasses,
  netCountOf: NetCountOf,
): Accumulation | null {
  const leastBytes = leastSuspectBytes(growth);
  const isGrowing = markGrowing(growth, leastBytes);
  let best: Accumulation | null = null;
  const toOpen = [growth.current.rootOrdinal];
  for (let owner = toOpen.pop(); owner !== undefined; owner = toOpen.pop()) {
    for (const child of ownedChildren(growth.current, owner)) {
      if (isGrowing[child] === 1 && !isEngineCode(growth, child)) toOpen.push(child);
    }
    const found = accumulationAt(growth, classes, { owner, leastBytes });
    const isReplaced = found !== null && isNew(growth, owner) && !isNetGrowth(found.culprits, netCountOf);
    if (found !== null && !isReplaced && found.held.growthBytes > (best?.held.growthBytes ?? 0)) best = found;
  }
  const chain = best === null ? findChain(growth, leastBytes) : null;
  return chain !== null && isNetGrowth(chain.culprits, netCountOf) ? chain : best;
}

/**
 * What is held by a new container may have been held by an old one that was dropped (`list = list.slice(1)`): then as
 * many objects of the class went as came.
 */
function isNetGrowth({ classIndex, newCount }: GrowthGroup, netCountOf: NetCountOf): boolean {
  return netCountOf(classIndex) >= Math.max(LEAST_COUNT, newCount * LEAST_NET_SHARE);
}

/** The group of one owner that says most; keys and other plain values count for less than the objects beside them. */
function accumulationAt(
  growth: Growth,
  classes: GrowthClasses,
  at: { owner: number; leastBytes: number },
): Accumulation | null {
  const weigh = ({ members, growthBytes }: GrowthGroup): number =>
    isObject(growth, members[0]!) ? growthBytes : growthBytes * PLAIN_VALUE_WEIGHT;
  const groups = groupOwned(growth, classes, [at.owner])
    .filter(({ growthBytes }) => growthBytes >= at.leastBytes)
    .toSorted((a, b) => weigh(b) - weigh(a));
  for (const held of groups) {
    const culprits = findCrowd(growth, classes, { held, leastBytes: at.leastBytes });
    if (culprits !== null) return { held, culprits, isChain: false };
  }
  return null;
}

/** Synthetic nodes are opened (they hold roots), code is not: what it holds are constants. */
function isEngineCode({ current }: Growth, node: number): boolean {
  return isEngineData(current, node) && current.nodes.type[node] !== current.nodeTypes.synthetic;
}

/** The group itself if many of it are new; else the new objects that hang on its old, growing members. */
function findCrowd(
  growth: Growth,
  classes: GrowthClasses,
  start: { held: GrowthGroup; leastBytes: number },
): GrowthGroup | null {
  let group = start.held;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (group.largestBytes > group.growthBytes * MOST_BY_ONE_SHARE || group.growthBytes < start.leastBytes)
      return null;
    if (group.newCount - group.deletedCount >= LEAST_COUNT) return group;
    // Objects that come and go in equal numbers are traffic.
    if (group.newCount >= LEAST_COUNT || group.members.length < LEAST_COUNT) return null;
    const below = groupOwned(growth, classes, group.members);
    if (below.length === 0) return null;
    group = below.reduce((a, b) => (b.growthBytes > a.growthBytes ? b : a));
  }
  return null;
}

/** The first new object on the way down along the largest growth, with the class that is most of what hangs on it. */
function findChain(growth: Growth, leastBytes: number): Accumulation | null {
  const { current, growthBytes } = growth;
  let node = current.rootOrdinal;
  while (!isNew(growth, node) || node === current.rootOrdinal) {
    const children = ownedChildren(current, node).filter((child) => !isEngineCode(growth, child));
    const next = children.reduce((a, b) => (growthBytes[b]! > growthBytes[a]! ? b : a), children[0] ?? node);
    if (next === node || growthBytes[next]! < leastBytes) return null;
    node = next;
  }
  const culprits = largestClassBelow(growth, node);
  if (culprits === null || culprits.newCount < LEAST_COUNT) return null;
  const held: GrowthGroup = {
    classIndex: current.classes.classOf[node]!,
    members: [node],
    newCount: 1,
    deletedCount: 0,
    growthBytes: growthBytes[node]!,
    largestBytes: growthBytes[node]!,
  };
  return { held, culprits: { ...culprits, growthBytes: held.growthBytes }, isChain: true };
}

function largestClassBelow(growth: Growth, top: number): GrowthGroup | null {
  const { current } = growth;
  const groups = new Map<number, GrowthGroup>();
  const toOpen = [top];
  for (let node = toOpen.pop(); node !== undefined; node = toOpen.pop()) {
    for (const child of ownedChildren(current, node)) if (isNew(growth, child)) toOpen.push(child);
    if (isEngineData(current, node)) continue;
    const classIndex = current.classes.classOf[node]!;
    const group = groups.get(classIndex) ?? emptyGroup(classIndex);
    groups.set(classIndex, group);
    group.members.push(node);
    group.newCount++;
    group.growthBytes += current.nodes.selfSize[node]!;
  }
  const objects = [...groups.values()].filter(({ members }) => isObject(growth, members[0]!));
  const candidates = objects.length > 0 ? objects : [...groups.values()];
  if (candidates.length === 0) return null;
  return candidates.reduce((a, b) => (b.growthBytes > a.growthBytes ? b : a));
}

/** Instances, plain objects, arrays and functions; not strings, numbers and memory blocks. */
function isObject({ current }: Growth, node: number): boolean {
  const type = current.nodes.type[node];
  return type === current.nodeTypes.object || type === current.nodeTypes.closure;
}

function emptyGroup(classIndex: number): GrowthGroup {
  return { classIndex, members: [], newCount: 0, deletedCount: 0, growthBytes: 0, largestBytes: 0 };
}
