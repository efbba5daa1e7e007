import { sumAboveMs } from './blocked-time.ts';
import type { DelayHistogram, DelaySource } from './delay-source.ts';

export interface DelaySummary {
  readonly minMs: number;
  readonly maxMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A turn of the loop that is longer than this has blocked it. */
export const BLOCKED_MS = 50;
const NS_PER_MS = 1e6;

/**
 * The delay of the last one to two windows, and the blocked time since the start. A reading resets nothing: two readers
 * that reset one histogram destroy each other's figures.
 */
export class DelayWindow {
  readonly #startSource: () => DelaySource;
  #source: DelaySource | null = null;
  #last: DelaySummary | null = null;
  /** Of all windows that are over. */
  #closedBlockedMs = 0;
  #readBlockedMs: number | null = null;

  constructor(startSource: () => DelaySource) {
    this.#startSource = startSource;
  }

  /** @throws what the source throws. */
  start(): void {
    if (this.#source !== null) return;
    this.#source = this.#startSource();
    this.#readBlockedMs ??= 0;
  }

  stop(): void {
    this.rotate();
    this.#source?.stop();
    this.#source = null;
    this.#last = null;
  }

  /** Null as long as nothing was measured: an empty histogram has a minimum of 292 years. */
  read(): DelaySummary | null {
    if (this.#source === null) return null;
    const { histogram } = this.#source;
    // Percentiles walk the histogram; those of the unfinished window are only asked for when there is no other.
    if (this.#last === null) return summarize(histogram);
    if (histogram.count === 0) return this.#last;
    return {
      ...this.#last,
      minMs: Math.min(this.#last.minMs, histogram.min / NS_PER_MS),
      maxMs: Math.max(this.#last.maxMs, histogram.max / NS_PER_MS),
    };
  }

  /** Null before the first start. Never falls, although more than 64 blocks of one window are an estimate. */
  readBlockedMs(): number | null {
    if (this.#readBlockedMs === null) return null;
    const currentMs = this.#source === null ? 0 : sumAboveMs(this.#source.histogram, BLOCKED_MS);
    this.#readBlockedMs = Math.max(this.#readBlockedMs, this.#closedBlockedMs + currentMs);
    return this.#readBlockedMs;
  }

  /** Begins the next window. */
  rotate(): void {
    if (this.#source === null) return;
    const { histogram } = this.#source;
    this.#last = summarize(histogram);
    this.#closedBlockedMs += sumAboveMs(histogram, BLOCKED_MS);
    histogram.reset();
  }
}

/** Never `mean` or `stddev`: they walk the whole histogram and take up to 1 ms. */
function summarize(histogram: DelayHistogram): DelaySummary | null {
  if (histogram.count === 0) return null;
  return {
    minMs: histogram.min / NS_PER_MS,
    maxMs: histogram.max / NS_PER_MS,
    p50Ms: histogram.percentile(50) / NS_PER_MS,
    p99Ms: histogram.percentile(99) / NS_PER_MS,
  };
}
