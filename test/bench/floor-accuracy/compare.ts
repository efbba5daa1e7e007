/** What a workload says about its floors. */
export interface WorkloadReport {
  readonly limitBytes: number;
  /** From when to when the observer watched, and when each major GC that it saw ended, by `performance.now()`. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly majorEndsMs: readonly number[];
  readonly readings: readonly { readonly ordinal: number; readonly bytes: number; readonly method: string }[];
  readonly discarded: { readonly lag: number; readonly batch: number };
  readonly rotationsMs: readonly number[];
}

/** A major GC as V8 traced it. */
export interface TracedMajor {
  /** When it was printed, ms since the start of the isolate. */
  readonly atMs: number;
  readonly bytes: number;
}

export interface Accuracy {
  /** That V8 traced while the observer watched. */
  readonly majors: number;
  /** Relative errors of the exact readings. */
  readonly exactErrors: readonly number[];
  /** Errors of the observer's readings, in percentage points of the limit. */
  readonly observedPoints: readonly number[];
  /** Major GCs that ended above half of the limit, and those of them that gave a value. */
  readonly aboveHalf: number;
  readonly covered: number;
}

/** `end_object_size` on Node 24 and 26, `total_size_after` on 22: what `--trace-gc` rounds to 0.1 MB. */
const MAJOR = /(\d+) ms: .*?gc"?[=:]"?mc\b.*?(?:end_object_size|total_size_after)"?[=:](\d+)/g;

export function parseTrace(text: string): TracedMajor[] {
  return [...text.matchAll(MAJOR)].map(([, atMs, bytes]) => ({ atMs: Number(atMs), bytes: Number(bytes) }));
}

/**
 * What was read against what V8 traced while the observer watched, also of GCs that it did not see.
 * @throws if the two records cannot be of the same GCs, or if there is nothing to compare.
 */
export function compare(traced: readonly TracedMajor[], report: WorkloadReport): Accuracy {
  const { limitBytes, readings, majorEndsMs } = report;
  const { before, offsetMs } = align(traced, majorEndsMs);
  const watched = traced.flatMap(({ atMs, bytes }, index) => {
    const endMs = atMs - offsetMs;
    const isWatched = endMs >= report.beganMs && endMs <= report.endedMs;
    return isWatched ? [{ ordinal: index - before + 1, bytes }] : [];
  });
  const read = new Set(readings.map(({ ordinal }) => ordinal));
  const aboveHalf = watched.filter(({ bytes }) => bytes > limitBytes / 2);
  const errors = readings.map((reading) => ({
    ...reading,
    truth: truthOf(traced, before + reading.ordinal - 1),
  }));
  return {
    majors: watched.length,
    exactErrors: errors
      .filter(({ method }) => method === 'exact')
      .map(({ bytes, truth }) => Math.abs(bytes - truth) / truth),
    observedPoints: errors
      .filter(({ method }) => method === 'observed')
      .map(({ bytes, truth }) => (100 * Math.abs(bytes - truth)) / limitBytes),
    aboveHalf: aboveHalf.length,
    covered: aboveHalf.filter(({ ordinal }) => read.has(ordinal)).length,
  };
}

function truthOf(traced: readonly TracedMajor[], index: number): number {
  const major = traced[index];
  if (major === undefined) throw new Error(`a reading of GC ${index + 1}, V8 traced ${traced.length}`);
  return major.bytes;
}

/**
 * How many major GCs ran before our observer was there, and what its clock is behind V8's. Both run alike, so with the
 * right number the same time lies between each pair; the sizes, which are what is compared, are not asked.
 */
function align(
  traced: readonly TracedMajor[],
  endsMs: readonly number[],
): { before: number; offsetMs: number } {
  if (endsMs.length === 0) throw new Error(`no major GC was seen, V8 traced ${traced.length}`);
  const candidates = Array.from({ length: traced.length - endsMs.length + 1 }, (_, before) => {
    const gaps = endsMs.map((endMs, index) => (traced[before + index]?.atMs ?? Number.NaN) - endMs);
    return { before, offsetMs: Math.max(...gaps), spreadMs: Math.max(...gaps) - Math.min(...gaps) };
  });
  const [best] = candidates.toSorted((left, right) => left.spreadMs - right.spreadMs);
  if (best === undefined || !(best.spreadMs < MAX_SPREAD_MS)) {
    throw new Error(
      `the observer's ${endsMs.length} major GCs are not those of ${traced.length} traced ones`,
    );
  }
  return best;
}

/** V8 prints whole milliseconds, and a little after the GC. */
const MAX_SPREAD_MS = 25;
