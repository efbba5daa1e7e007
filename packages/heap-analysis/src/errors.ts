import { HeapfloorError, type ErrorKind } from '@heapfloor/contract/errors';

/** Every error of this package: stable code → who has to act. The README table is tested against it. */
export const HEAP_ANALYSIS_ERROR_KINDS = {
  HEAP_ANALYSIS_FILE_UNREADABLE: 'caller',
  HEAP_ANALYSIS_NOT_A_SNAPSHOT: 'caller',
  HEAP_ANALYSIS_NOT_A_PROFILE: 'caller',
  HEAP_ANALYSIS_TRUNCATED: 'caller',
  HEAP_ANALYSIS_MALFORMED: 'caller',
  HEAP_ANALYSIS_TOO_LARGE: 'caller',
  HEAP_ANALYSIS_INVALID_REQUEST: 'caller',
  HEAP_ANALYSIS_INVALID_LIMITS: 'caller',
  HEAP_ANALYSIS_ABORTED: 'caller',
  HEAP_ANALYSIS_DEADLINE_EXCEEDED: 'dependency',
  HEAP_ANALYSIS_MEMORY_EXCEEDED: 'dependency',
  HEAP_ANALYSIS_CHILD_CRASHED: 'internal',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type HeapAnalysisErrorCode = keyof typeof HEAP_ANALYSIS_ERROR_KINDS;

export interface HeapAnalysisErrorDetails {
  /** Where in the file (of a `.gz`: in the decompressed stream) the first wrong byte is. */
  readonly byteOffset?: number | null;
  readonly cause?: unknown;
}

export class HeapAnalysisError extends HeapfloorError {
  /** Null where the error is not about a place in a file. */
  readonly byteOffset: number | null;

  constructor(code: HeapAnalysisErrorCode, message: string, details: HeapAnalysisErrorDetails = {}) {
    const kind = HEAP_ANALYSIS_ERROR_KINDS[code];
    super(code, message, 'cause' in details ? { kind, cause: details.cause } : { kind });
    this.name = 'HeapAnalysisError';
    this.byteOffset = details.byteOffset ?? null;
  }
}

/** A file that breaks the format at a known byte: what stood there and what should have. */
export function malformed(byteOffset: number, expected: string, seen: string): HeapAnalysisError {
  const message = `not a valid heap snapshot: expected ${expected} at byte ${byteOffset}, saw ${seen}; take the snapshot again or check how it was copied`;
  return new HeapAnalysisError('HEAP_ANALYSIS_MALFORMED', message, { byteOffset });
}

/** A file that ends too early: the usual trace of a full disk, a killed process or a broken upload. */
export function truncated(byteOffset: number, expected: string): HeapAnalysisError {
  const message = `heap snapshot is cut off: expected ${expected} at byte ${byteOffset}, saw the end of the file; take the snapshot again or check the free disk space`;
  return new HeapAnalysisError('HEAP_ANALYSIS_TRUNCATED', message, { byteOffset });
}

export function notASnapshot(byteOffset: number, seen: string): HeapAnalysisError {
  const message = `not a heap snapshot: expected {"snapshot":{"meta":… at byte ${byteOffset}, saw ${seen}; give a file written by v8.writeHeapSnapshot()`;
  return new HeapAnalysisError('HEAP_ANALYSIS_NOT_A_SNAPSHOT', message, { byteOffset });
}
