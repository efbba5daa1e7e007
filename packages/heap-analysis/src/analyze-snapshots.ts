import type { LeakReport, LeakSuspect, SnapshotFacts } from '@heapfloor/contract';
import { compareByKey } from './compare-snapshots.ts';
import { HeapAnalysisError } from './errors.ts';
import type { HeapGraph } from './graph/graph.ts';
import { readSnapshot, type ReadSnapshotLimits } from './read-snapshot.ts';
import { countClass } from './report/class-counts.ts';
import { rateConfidence } from './report/confidence.ts';
import { findSuspect, type FoundSuspect } from './report/find-suspect.ts';
import { measureGrowth } from './report/growth.ts';
import { estimateMemory } from './snapshot/memory-estimate.ts';
import { summarizeConstructors } from './summarize-constructors.ts';

/** Rows of the summary, as the contract says. */
const MAX_SUMMARY_ROWS = 50;

/**
 * Reads snapshots of one process, oldest first, and says what grew and who holds it. Two are enough; those between are
 * read one at a time and only tell whether the growth was steady.
 */
export async function analyzeSnapshots(
  filePaths: readonly string[],
  limits: ReadSnapshotLimits = {},
): Promise<LeakReport> {
  const [firstPath, ...laterPaths] = filePaths;
  if (firstPath === undefined) {
    throw new HeapAnalysisError(
      'HEAP_ANALYSIS_INVALID_REQUEST',
      'no snapshot to analyse; give at least one file path',
    );
  }
  const first = await readSnapshot(firstPath, limits);
  const lastPath = laterPaths.pop();
  if (lastPath === undefined) return reportOne(first);
  const last = await readSnapshot(lastPath, beside(limits, [first]));
  const rows = compareByKey(first, last);
  const growth = measureGrowth(first, last);
  const found = findSuspect(growth, new Map(rows.map(({ key, delta }) => [key, delta])));
  const between: SnapshotCount[] = [];
  for (const path of laterPaths) {
    const graph = await readSnapshot(path, beside(limits, [first, last]));
    between.push(countIn(graph, found, last));
  }
  const counts = [countIn(first, found, last), ...between, countIn(last, found, last)];
  return {
    snapshots: counts.map(({ facts }) => facts),
    constructors: rows.map(({ delta }) => delta),
    summary: summarizeConstructors(last).slice(0, MAX_SUMMARY_ROWS),
    growthBytes: growth.totalBytes,
    suspect: found === null ? null : withConfidence(found, counts),
  };
}

function reportOne(graph: HeapGraph): LeakReport {
  return {
    snapshots: [graph.facts],
    constructors: [],
    summary: summarizeConstructors(graph).slice(0, MAX_SUMMARY_ROWS),
    growthBytes: 0,
    suspect: null,
  };
}

/** The memory that is left beside graphs that are kept. */
function beside(limits: ReadSnapshotLimits, kept: readonly HeapGraph[]): ReadSnapshotLimits {
  if (limits.memoryLimitBytes === undefined) return limits;
  const keptBytes = kept.reduce((sum, graph) => sum + estimateMemory(graph).residentBytes, 0);
  return { ...limits, memoryLimitBytes: limits.memoryLimitBytes - keptBytes };
}

interface SnapshotCount {
  readonly facts: SnapshotFacts;
  /** Objects of the suspected class. */
  readonly count: number;
}

function countIn(graph: HeapGraph, found: FoundSuspect | null, newest: HeapGraph): SnapshotCount {
  const count = found === null ? 0 : countClass(graph, found.classKey, newest.interfaces);
  return { facts: graph.facts, count };
}

function withConfidence(found: FoundSuspect, counts: readonly SnapshotCount[]): LeakSuspect {
  const { suspect, isChain } = found;
  const heapSizeBytes = counts.at(-1)?.facts.heapSizeBytes ?? 0;
  const rating = rateConfidence({
    newCount: suspect.newCount,
    deletedCount: suspect.deletedCount,
    shareOfGrowthRatio: suspect.shareOfGrowthRatio,
    shareOfHeapRatio: suspect.retainedDeltaBytes / heapSizeBytes,
    isChain,
    counts: counts.map(({ count }) => count),
  });
  return { ...suspect, ...rating };
}
