import type { CaptureKind } from '@heapfloor/contract';

const MIB = 2 ** 20;

/** File size of a snapshot is 1.55 to 1.75 × heapUsed where objects are small. */
const SNAPSHOT_FILE_FACTOR = 1.75;
/** Ample for what was seen of the two cheap kinds: a few MiB at most. */
const PROFILE_MEMORY_BYTES = 32 * MIB;
const REPORT_MEMORY_BYTES = 16 * MIB;
const PROFILE_FILE_BYTES = 16 * MIB;
const REPORT_FILE_BYTES = 4 * MIB;

/** Memory that a capture takes beside what the process has. */
export function expectedMemoryBytes(
  kind: CaptureKind,
  heapUsedBytes: number,
  headroomFactor: number,
): number {
  if (kind === 'heap-snapshot') return Math.ceil(heapUsedBytes * headroomFactor);
  return kind === 'heap-profile' ? PROFILE_MEMORY_BYTES : REPORT_MEMORY_BYTES;
}

export function expectedFileBytes(kind: CaptureKind, heapUsedBytes: number): number {
  if (kind === 'heap-snapshot') return Math.ceil(heapUsedBytes * SNAPSHOT_FILE_FACTOR);
  return kind === 'heap-profile' ? PROFILE_FILE_BYTES : REPORT_FILE_BYTES;
}
