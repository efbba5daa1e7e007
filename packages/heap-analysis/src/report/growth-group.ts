import type { HeapGraph } from '../graph/graph.ts';
import { NOT_THERE } from '../graph/id-index.ts';
import { isNew, type Growth } from './growth.ts';
import { isEngineData, ownedChildren } from './owned-children.ts';

/** Objects of one class with one owner. */
export interface GrowthGroup {
  /** Index into the classes of the newer snapshot. */
  readonly classIndex: number;
  /** Those that are new or grew. */
  readonly members: number[];
  newCount: number;
  deletedCount: number;
  /** What the members keep alive more, less what the deleted ones kept alive. */
  growthBytes: number;
  /** Growth of the member that grew most. */
  largestBytes: number;
}

/** Everything that is asked of the two snapshots' classes. */
export interface GrowthClasses {
  /** Class of each node of the base, told by the newer snapshot's kinds, as an index into the newer one's classes; -1. */
  readonly baseClassOf: (node: number) => number;
}

/** Groups what `owners` own, by class; engine data is no user's leak and left out. */
export function groupOwned(growth: Growth, classes: GrowthClasses, owners: Iterable<number>): GrowthGroup[] {
  const groups = new Map<number, GrowthGroup>();
  for (const owner of owners) {
    for (const child of ownedChildren(growth.current, owner)) addMember(growth, groups, child);
    const before = growth.baseOrdinal[owner]!;
    if (before !== NOT_THERE) subtractDeleted(growth, { groups, classes, before });
  }
  return [...groups.values()];
}

function addMember(growth: Growth, groups: Map<number, GrowthGroup>, node: number): void {
  const { current } = growth;
  const bytes = growth.growthBytes[node]!;
  const isAdded = isNew(growth, node);
  if (isEngineData(current, node) || (!isAdded && bytes <= 0)) return;
  const group = groupOf(groups, current.classes.classOf[node]!);
  group.members.push(node);
  group.growthBytes += bytes;
  group.largestBytes = Math.max(group.largestBytes, bytes);
  if (isAdded) group.newCount++;
}

function subtractDeleted(
  growth: Growth,
  from: { groups: Map<number, GrowthGroup>; classes: GrowthClasses; before: number },
): void {
  const base: HeapGraph = growth.base;
  for (const child of ownedChildren(base, from.before)) {
    if (growth.currentOrdinal[child] !== NOT_THERE) continue;
    const group = from.groups.get(from.classes.baseClassOf(child));
    if (group === undefined) continue;
    group.deletedCount++;
    group.growthBytes -= base.retainedSize[child]!;
  }
}

function groupOf(groups: Map<number, GrowthGroup>, classIndex: number): GrowthGroup {
  let group = groups.get(classIndex);
  if (group === undefined) {
    group = { classIndex, members: [], newCount: 0, deletedCount: 0, growthBytes: 0, largestBytes: 0 };
    groups.set(classIndex, group);
  }
  return group;
}

/** For each node of the base, the index of the same class among the newer snapshot's classes. */
export function matchClasses(
  growth: Growth,
  base: { classOf: Uint32Array; keys: readonly string[] },
): GrowthClasses {
  const indexOfKey = new Map(growth.current.classes.classes.map(({ key }, index) => [key, index]));
  const matched = base.keys.map((key) => indexOfKey.get(key) ?? -1);
  return { baseClassOf: (node) => matched[base.classOf[node]!]! };
}
