import { monitorEventLoopDelay } from 'node:perf_hooks';
import { TurnSampler } from './turn-sampler.ts';

/** What a histogram of Node tells about delays, in ns. Without a value `min` is 292 years and `percentile` 511 ns. */
export interface DelayHistogram {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  percentile(percentile: number): number;
  reset(): void;
}

/**
 * A running record of how long each turn of the event loop kept it busy. `reset` begins a new window at any time:
 * nothing is dropped, and the turn that runs counts whole, in the window in which it ends.
 */
export interface DelaySource {
  readonly histogram: DelayHistogram;
  stop(): void;
}

/** @throws where Node offers no event-loop delay. */
export function startDelaySource(nodeVersion: string): DelaySource {
  return hasSamplePerIteration(nodeVersion) ? startNativeSource() : new TurnSampler();
}

/**
 * Not a timer histogram: that drops its first interval after each reset, so that a block right after a window is never
 * seen, adds its period to each value, and costs 4 to 13 CPU seconds per idle hour (at 20 and 10 ms).
 */
function startNativeSource(): DelaySource {
  const options = { resolution: 10, samplePerIteration: true };
  const histogram = monitorEventLoopDelay(options);
  histogram.enable();
  return { histogram, stop: () => histogram.disable() };
}

/** Told by version: an older Node ignores the option without a word and falls back to a timer of 10 ms. */
export function hasSamplePerIteration(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  if (major === 24) return minor >= 19;
  return major === 26 ? minor >= 5 : major > 26;
}
