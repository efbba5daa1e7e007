import { quietly } from '../quietly.ts';
import type { DelayHistogram } from './delay-histogram.ts';

export interface DelaySummary {
  readonly minMs: number;
  readonly maxMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * A histogram drops its first interval, so the next one runs for a while before the last one is closed. Two periods
 * of the slowest timer, and enough turns of an idle loop.
 */
const OVERLAP_MS = 100;
const NS_PER_MS = 1e6;

/**
 * The delay of the last one to two windows. A reading resets nothing: two readers that reset one histogram destroy
 * each other's figures, and a block right after a reset is never seen.
 */
export class DelayWindow {
  readonly #windowMs: number;
  readonly #startHistogram: () => DelayHistogram;
  #current: DelayHistogram | null = null;
  #retiring: DelayHistogram | null = null;
  #last: DelaySummary | null = null;
  #windowTimer: NodeJS.Timeout | null = null;
  #overlapTimer: NodeJS.Timeout | null = null;

  constructor(windowMs: number, startHistogram: () => DelayHistogram) {
    this.#windowMs = windowMs;
    this.#startHistogram = startHistogram;
  }

  start(): void {
    if (this.#current !== null) return;
    this.#current = this.#startHistogram();
    this.#windowTimer = setInterval(() => quietly('the delay window', () => this.rotate()), this.#windowMs);
    this.#windowTimer.unref();
  }

  stop(): void {
    if (this.#windowTimer !== null) clearInterval(this.#windowTimer);
    if (this.#overlapTimer !== null) clearTimeout(this.#overlapTimer);
    this.#current?.histogram.disable();
    this.#retiring?.histogram.disable();
    this.#current = null;
    this.#retiring = null;
    this.#last = null;
  }

  /** Null as long as nothing was measured: an empty histogram has a minimum of 292 years. */
  read(): DelaySummary | null {
    // Percentiles cost 5 µs each; those of the unfinished window are only asked for when there is no other.
    const last = this.#retiring === null ? this.#last : summarize(this.#retiring);
    const current = this.#current === null ? null : summarize(this.#current, last);
    if (last === null || current === null) return last ?? current;
    const minMs = Math.min(last.minMs, current.minMs);
    return { ...last, minMs, maxMs: Math.max(last.maxMs, current.maxMs) };
  }

  /** Begins the next window; its own timer calls this. */
  rotate(): void {
    this.#closeRetiring();
    this.#retiring = this.#current;
    this.#current = this.#startHistogram();
    this.#overlapTimer = setTimeout(
      () => quietly('the delay window', () => this.#closeRetiring()),
      OVERLAP_MS,
    );
    this.#overlapTimer.unref();
  }

  #closeRetiring(): void {
    if (this.#overlapTimer !== null) clearTimeout(this.#overlapTimer);
    if (this.#retiring === null) return;
    this.#last = summarize(this.#retiring);
    this.#retiring.histogram.disable();
    this.#retiring = null;
  }
}

/** Never `mean` or `stddev`: they walk the whole histogram and take up to 1 ms. */
function summarize(
  { histogram, periodMs }: DelayHistogram,
  percentilesOf?: DelaySummary | null,
): DelaySummary | null {
  if (histogram.count === 0) return null;
  const delayMs = (ns: number): number => Math.max(0, ns / NS_PER_MS - periodMs);
  return {
    minMs: delayMs(histogram.min),
    maxMs: delayMs(histogram.max),
    p50Ms: percentilesOf?.p50Ms ?? delayMs(histogram.percentile(50)),
    p99Ms: percentilesOf?.p99Ms ?? delayMs(histogram.percentile(99)),
  };
}
