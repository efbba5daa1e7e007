export {
  analyzeInChildProcess,
  type ChildAnalysis,
  type ChildAnalysisLimits,
  type ChildAnalysisRequest,
} from './analyze-in-child-process.ts';
export { analyzeHeapProfile } from './analyze-heap-profile.ts';
export { analyzeSnapshots } from './analyze-snapshots.ts';
export { compareSnapshots } from './compare-snapshots.ts';
export { HeapAnalysisError, type HeapAnalysisErrorCode } from './errors.ts';
export { formatRetainerPath } from './format-retainer-path.ts';
export type { HeapGraph } from './graph/graph.ts';
export { analysisLimits, type AnalysisLimits } from './options.ts';
export { readSnapshot, type ReadSnapshotLimits } from './read-snapshot.ts';
export { summarizeConstructors } from './summarize-constructors.ts';
