import { HEAP_ANALYSIS_ERROR_KINDS, HeapAnalysisError, type HeapAnalysisErrorCode } from '../errors.ts';
import type { AnalysisLimits } from '../options.ts';
import type { AnalysisProcess } from './analysis-process.ts';
import type { AnalysisAnswer } from './protocol.ts';

export function deadlineExceeded({ deadlineMs }: AnalysisLimits): HeapAnalysisError {
  const message = `the analysis took longer than ${deadlineMs} ms and was stopped; raise deadlineMs`;
  return new HeapAnalysisError('HEAP_ANALYSIS_DEADLINE_EXCEEDED', message);
}

export function memoryExceeded({ memoryLimitMiB }: AnalysisLimits): HeapAnalysisError {
  const message = `the analysis needed more than ${memoryLimitMiB} MiB and was stopped; raise memoryLimitMiB`;
  return new HeapAnalysisError('HEAP_ANALYSIS_MEMORY_EXCEEDED', message);
}

export function aborted(signal: AbortSignal): HeapAnalysisError {
  return new HeapAnalysisError('HEAP_ANALYSIS_ABORTED', 'the analysis was aborted by its caller', {
    cause: signal.reason,
  });
}

/** @param how - exit code or signal. */
export function crashed(child: AnalysisProcess, how: string): HeapAnalysisError {
  const stderr = child.stderr();
  if (stderr.includes('heap out of memory')) {
    const message = `the analysis ran out of memory (${how}); raise memoryLimitMiB`;
    return new HeapAnalysisError('HEAP_ANALYSIS_MEMORY_EXCEEDED', message);
  }
  // The first line of an error says what happened; what follows may quote the file.
  const reason = /^.*(?:Error|FATAL).*$/m.exec(stderr)?.[0].slice(0, 200) ?? 'it wrote no reason';
  const message = `the analysis process ended without an answer (${how}): ${reason}; please report it`;
  return new HeapAnalysisError('HEAP_ANALYSIS_CHILD_CRASHED', message);
}

/** The error that the process caught, with its code if it is one of ours. */
export function fromAnswer(answer: AnalysisAnswer & { isSuccess: false }): HeapAnalysisError {
  const { code, message, byteOffset } = answer;
  if (isOurCode(code)) return new HeapAnalysisError(code, message, { byteOffset });
  const text = `the analysis failed with an error that we did not foresee: ${message.slice(0, 300)}; please report it`;
  return new HeapAnalysisError('HEAP_ANALYSIS_CHILD_CRASHED', text);
}

function isOurCode(code: string): code is HeapAnalysisErrorCode {
  return code in HEAP_ANALYSIS_ERROR_KINDS;
}
