import type { HeapGraph } from '../src/graph/graph.ts';
import { aggregateClasses } from '../src/graph/class-aggregates.ts';
import { compareByKey } from '../src/compare-snapshots.ts';
import type { DevToolsSnapshot } from './devtools-oracle.ts';

/** Everything that DevTools derives per node, and ours in the same form; equal objects are equal results. */
export function nodeTables(graph: HeapGraph, snapshot: DevToolsSnapshot) {
  const nodes = Array.from({ length: snapshot.nodeCount }, (_, ordinal) =>
    snapshot.createNode(ordinal * snapshot.nodeFieldCount),
  );
  return {
    theirs: {
      dominators: [...snapshot.dominatorsTree],
      retainedSizes: [...snapshot.retainedSizes],
      distances: [...snapshot.nodeDistances],
      selfSizes: nodes.map((node) => node.selfSize()),
      classNames: nodes.map((node) => node.className()),
    },
    ours: {
      dominators: [...graph.dominators.parent],
      retainedSizes: [...graph.retainedSize],
      distances: [...graph.distance],
      selfSizes: [...graph.nodes.selfSize],
      classNames: Array.from(graph.classes.classOf, (index) => graph.classes.classes[index]!.name),
    },
  };
}

/** Rows of the Summary view by class key. */
export function summaryTables(graph: HeapGraph, snapshot: DevToolsSnapshot) {
  const { dominators, retainedSize, classes } = graph;
  const { byKey } = aggregateClasses({ graph, classification: classes, dominators, retainedSize });
  const theirs = Object.entries(snapshot.aggregatesWithFilter({})).map(([key, row]) => [
    key,
    { name: row.name, count: row.count, selfSizeBytes: row.self, retainedSizeBytes: row.maxRet },
  ]);
  return { theirs: Object.fromEntries(theirs) as object, ours: Object.fromEntries(byKey) as object };
}

/**
 * The one deviation: DevTools counts the base's plain objects by the kinds of the newer snapshot, but looks up the *name*
 * of a class that only the base has after it went back to the base's own kinds (`aggregatesForDiff`), so that deleted
 * objects of class `Object` may be called `{a, b}`. We call a class by its key; all numbers are compared.
 */
function nameOfKey(key: string): string {
  return /^(?:\d+,\d+,\d+)?,(?<name>.*)$/s.exec(key)?.groups?.['name'] ?? key;
}

/** Rows of the Comparison view by class key. */
export function comparisonTables(
  graphs: { base: HeapGraph; current: HeapGraph },
  snapshots: { base: DevToolsSnapshot; current: DevToolsSnapshot },
) {
  const currentRows = snapshots.current.aggregatesWithFilter({});
  const baseAggregates = snapshots.base.aggregatesForDiff(snapshots.current.interfaceDefinitions());
  const theirs = Object.entries(snapshots.current.calculateSnapshotDiff(1, baseAggregates)).map(
    ([key, row]) => [
      key,
      {
        name: key in currentRows ? row.name : nameOfKey(key),
        newCount: row.addedCount,
        deletedCount: row.removedCount,
        countDelta: row.countDelta,
        newSizeBytes: row.addedSize,
        deletedSizeBytes: row.removedSize,
        sizeDeltaBytes: row.sizeDelta,
      },
    ],
  );
  const ours = compareByKey(graphs.base, graphs.current).map(({ key, delta }) => [key, delta]);
  return { theirs: Object.fromEntries(theirs) as object, ours: Object.fromEntries(ours) as object };
}
