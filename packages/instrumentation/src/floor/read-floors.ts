/**
 * A gc callback that came later than this after its GC reads what the app has allocated since. At 2 ms the error is
 * at most 1.3 MiB and 0.26 points of the limit; at 20 ms it reaches half of the floor.
 */
export const MAX_LATENESS_MS = 2;

/** The major GCs that one callback of the observer reports. */
export interface MajorGcBatch {
  /** Their ends, oldest first, on the clock of `performance.now()`. */
  readonly endsMs: readonly number[];
  /** When the callback began. */
  readonly nowMs: number;
  /** Old space in use, read by the callback before anything else. */
  readonly usedOldBytes: number;
  /** What the profiler recorded for the same GCs, oldest first; empty while it is not armed. */
  readonly exactBytes: readonly number[];
}

export interface FloorReading {
  readonly bytes: number;
  readonly endMs: number;
  /** `exact`: V8's own figure. `observed`: read within 2 ms. `late`: only an upper bound, never exported. */
  readonly method: 'exact' | 'observed' | 'late';
  /** Position of its GC in the batch. */
  readonly index: number;
}

export interface FloorReadings {
  readonly readings: readonly FloorReading[];
  readonly discarded: { readonly lag: number; readonly batch: number };
}

/**
 * Gives each major GC its floor. The two records are aligned at their end: a GC from before the profiler was armed
 * can only be missing at the start, and nothing is carried over to the next batch.
 */
export function readFloors(batch: MajorGcBatch): FloorReadings {
  const { endsMs, exactBytes } = batch;
  if (endsMs.length === 0) return { readings: [], discarded: { lag: 0, batch: 0 } };
  const exactCount = Math.min(endsMs.length, exactBytes.length);
  if (exactCount === 0) return readLast(batch);
  const first = endsMs.length - exactCount;
  const readings = exactBytes.slice(-exactCount).map((bytes, offset): FloorReading => {
    const index = first + offset;
    return { bytes, endMs: endsMs[index] ?? batch.nowMs, method: 'exact', index };
  });
  return { readings, discarded: { lag: 0, batch: first } };
}

/** Without the profiler only the last GC of a batch can be read: the heap of the earlier ones is gone. */
function readLast({ endsMs, nowMs, usedOldBytes: bytes }: MajorGcBatch): FloorReadings {
  const index = endsMs.length - 1;
  const endMs = endsMs[index] ?? nowMs;
  const isLate = nowMs - endMs >= MAX_LATENESS_MS;
  return {
    readings: [{ bytes, endMs, method: isLate ? 'late' : 'observed', index }],
    discarded: { lag: isLate ? 1 : 0, batch: index },
  };
}
