import { HeapfloorError, describeError } from '@heapfloor/contract/errors';
import { analyzeHeapProfile } from '../analyze-heap-profile.ts';
import { analyzeSnapshots } from '../analyze-snapshots.ts';
import { HeapAnalysisError } from '../errors.ts';
import { analysisRequest, type AnalysisAnswer, type AnalysisRequest } from './protocol.ts';

/** The process that reads untrusted files: one question, one answer, end. */
process.once('message', (message) => {
  void answer(message).then((result) => process.send?.(result, () => process.disconnect()));
});

async function answer(message: unknown): Promise<AnalysisAnswer> {
  try {
    return { isSuccess: true, ...(await analyze(analysisRequest.parse(message))) };
  } catch (error) {
    const code =
      error instanceof HeapfloorError
        ? error.code
        : isAllocationFailure(error)
          ? 'HEAP_ANALYSIS_MEMORY_EXCEEDED'
          : '';
    const text = error instanceof HeapfloorError ? error.message : describeError(error);
    const byteOffset = error instanceof HeapAnalysisError ? error.byteOffset : null;
    return { isSuccess: false, code, message: text, byteOffset };
  }
}

async function analyze(
  request: AnalysisRequest,
): Promise<Omit<AnalysisAnswer & { isSuccess: true }, 'isSuccess'>> {
  const { snapshotPaths, profilePath, memoryLimitBytes } = request;
  return {
    report: snapshotPaths.length === 0 ? null : await analyzeSnapshots(snapshotPaths, { memoryLimitBytes }),
    allocations: profilePath === null ? null : await analyzeHeapProfile(profilePath),
  };
}

/** V8 throws this where the memory for a typed array is not to be had. */
function isAllocationFailure(error: unknown): boolean {
  return error instanceof RangeError && /allocation failed/i.test(error.message);
}
