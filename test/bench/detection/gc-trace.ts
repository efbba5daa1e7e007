/** A major GC as `--trace-gc` prints it: V8's own truth. */
export interface TracedMajor {
  /** Since the isolate began, some 20 ms after the process. */
  readonly seconds: number;
  /** In use afterwards, in tenths. */
  readonly usedMib: number;
}

const MAJOR = /(\d+) ms: (?:Incremental )?Mark-Compact.*? -> ([\d.]+) \(/g;

export function parseMajors(output: string): TracedMajor[] {
  return [...output.matchAll(MAJOR)].map(([, ms, mib]) => ({
    seconds: Number(ms) / 1000,
    usedMib: Number(mib),
  }));
}

/** Each stretch of major GCs above the threshold without one below: seconds from its first to its last. */
export function breachSpans(majors: readonly TracedMajor[], thresholdMib: number): number[] {
  const spans: number[] = [];
  let first: TracedMajor | null = null;
  for (const major of majors) {
    if (major.usedMib <= thresholdMib) {
      first = null;
      continue;
    }
    if (first === null) spans.push(0);
    first ??= major;
    spans[spans.length - 1] = major.seconds - first.seconds;
  }
  return spans;
}
