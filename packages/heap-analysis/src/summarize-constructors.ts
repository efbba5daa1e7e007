import type { ConstructorSummary } from '@heapfloor/contract';
import { aggregateClasses } from './graph/class-aggregates.ts';
import type { HeapGraph } from './graph/graph.ts';

/** DevTools' Summary view: every class with its count, own size and retained size, largest retained size first. */
export function summarizeConstructors(graph: HeapGraph): ConstructorSummary[] {
  const { dominators, retainedSize, classes } = graph;
  const { byKey } = aggregateClasses({ graph, classification: classes, dominators, retainedSize });
  const rows = [...byKey.values()].map((row) => ({ ...row }));
  return rows.toSorted(
    (a, b) => b.retainedSizeBytes - a.retainedSizeBytes || a.name.localeCompare(b.name, 'en'),
  );
}
