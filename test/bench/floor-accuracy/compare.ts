/** What a workload says about its floors. */
export interface WorkloadReport {
  readonly limitBytes: number;
  /** When the observer began, and when each major GC that it saw ended, on the clock of `performance.now()`. */
  readonly beganMs: number;
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

/** @throws if the two records cannot be of the same GCs, or if there is nothing to compare. */
export function compare(traced: readonly TracedMajor[], report: WorkloadReport): Accuracy {
  const { limitBytes, readings, majorEndsMs } = report;
  const before = majorsBefore(traced, majorEndsMs);
  const seen = traced.slice(before, before + majorEndsMs.length);
  const read = new Set(readings.map(({ ordinal }) => ordinal));
  const aboveHalf = seen.flatMap(({ bytes }, index) => (bytes > limitBytes / 2 ? [index + 1] : []));
  const errors = readings.map((reading) => ({
    ...reading,
    truth: seen[reading.ordinal - 1]?.bytes ?? Number.NaN,
  }));
  return {
    majors: seen.length,
    exactErrors: errors
      .filter(({ method }) => method === 'exact')
      .map(({ bytes, truth }) => Math.abs(bytes - truth) / truth),
    observedPoints: errors
      .filter(({ method }) => method === 'observed')
      .map(({ bytes, truth }) => (100 * Math.abs(bytes - truth)) / limitBytes),
    aboveHalf: aboveHalf.length,
    covered: aboveHalf.filter((ordinal) => read.has(ordinal)).length,
  };
}

/**
 * How many major GCs ran before our observer was there. Both clocks run alike, so with the right number the same time
 * lies between each pair; the sizes, which are what is compared, are not asked.
 */
function majorsBefore(traced: readonly TracedMajor[], endsMs: readonly number[]): number {
  if (endsMs.length === 0) throw new Error(`no major GC was seen, V8 traced ${traced.length}`);
  const candidates = Array.from({ length: traced.length - endsMs.length + 1 }, (_, before) => before);
  const spreads = candidates.map((before) => {
    const gaps = endsMs.map((endMs, index) => (traced[before + index]?.atMs ?? Number.NaN) - endMs);
    return Math.max(...gaps) - Math.min(...gaps);
  });
  const smallest = Math.min(...spreads);
  if (!(smallest < MAX_SPREAD_MS)) {
    throw new Error(
      `the observer's ${endsMs.length} major GCs are not those of ${traced.length} traced ones`,
    );
  }
  return spreads.indexOf(smallest);
}

/** V8 prints whole milliseconds, and a little after the GC. */
const MAX_SPREAD_MS = 25;
