import { alignMajors } from './align-majors.ts';
import type { ExactMajor } from './exact-floor.ts';
import type { GcEntry } from './gc-observer.ts';

/**
 * A gc callback that came later than this after its GC reads what the app has allocated since. At 2 ms the error is
 * at most 1.3 MiB and 0.26 points of the limit; at 20 ms it reaches half of the floor.
 */
export const MAX_LATENESS_MS = 2;

/** The major GCs that one callback of the observer reports. */
export interface MajorGcBatch {
  /** Oldest first. */
  readonly majors: readonly Pick<GcEntry, 'endMs' | 'durationMs'>[];
  /** When the callback began. */
  readonly nowMs: number;
  /** Old space in use, read by the callback before anything else. */
  readonly usedOldBytes: number;
  /** What the profiler recorded, oldest first; empty while it is not armed. */
  readonly exact: readonly ExactMajor[];
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
  /** Records of GCs whose entries come with the next batch. */
  readonly ahead: readonly ExactMajor[];
}

/** Gives each major GC its floor, by the profiler where it has one. */
export function readFloors(batch: MajorGcBatch): FloorReadings {
  const { majors, exact } = batch;
  const shift = alignMajors(durations(majors), durations(exact));
  const readings = majors.flatMap((major, index) => readOne(batch, index, exact[index - shift]));
  const isLate = readings.some(({ method }) => method === 'late');
  const lag = isLate ? 1 : 0;
  const batchCount = majors.length - readings.length;
  return {
    readings,
    discarded: { lag, batch: batchCount },
    ahead: exact.slice(Math.max(0, majors.length - shift)),
  };
}

/** Without the profiler only the last GC of a batch can be read: the heap of the earlier ones is gone. */
function readOne(batch: MajorGcBatch, index: number, exact: ExactMajor | undefined): FloorReading[] {
  const { majors, nowMs, usedOldBytes } = batch;
  const { endMs } = majors[index] ?? { endMs: nowMs };
  if (exact !== undefined) return [{ bytes: exact.bytes, endMs, method: 'exact', index }];
  if (index < majors.length - 1) return [];
  return [
    { bytes: usedOldBytes, endMs, method: nowMs - endMs < MAX_LATENESS_MS ? 'observed' : 'late', index },
  ];
}

function durations(majors: readonly { readonly durationMs: number }[]): number[] {
  return majors.map(({ durationMs }) => durationMs);
}
