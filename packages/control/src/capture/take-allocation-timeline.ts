import type { Isolate } from './isolates.ts';
import { timeBox } from './time-box.ts';
import { writeSnapshotTo } from './write-snapshot.ts';

export interface AllocationTimelineOptions {
  /** A reserved file; see `ReservedFile`. */
  readonly path: string;
  readonly durationMs: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Longest wait for the snapshot at its end. */
  readonly timeoutMs: number;
}

/**
 * Every object that was allocated meanwhile and is still alive, with the stack that allocated it: a heap snapshot with
 * `trace_tree`.
 *
 * `HeapProfiler.stopTrackingHeapObjects` would send it as chunks, through the session of the main thread even for a worker.
 * While objects are tracked `v8.writeHeapSnapshot` writes the same traces straight to a file, which costs no memory in this
 * thread, and `HeapProfiler.disable` ends the tracking without another snapshot. It makes V8 forget object ids: a pair of
 * snapshots around a timeline cannot be compared by them.
 */
export async function takeAllocationTimeline(
  isolate: Isolate,
  { path, durationMs, signal, timeoutMs }: AllocationTimelineOptions,
): Promise<void> {
  await isolate.send('HeapProfiler.startTrackingHeapObjects', { trackAllocations: true });
  try {
    await timeBox(durationMs, signal);
    await writeSnapshotTo({ isolate, path, timeoutMs });
  } finally {
    // Tracking makes each allocation slow, so it must not stay on; an isolate that has ended has none.
    await isolate.send('HeapProfiler.disable', {}, timeoutMs).catch(() => {});
  }
}
