/** A snapshot's peak stands for some hundred ms even on small heaps; one reading costs 10 to 30 µs. Unit: ms. */
const SAMPLE_MS = 20;

export interface RssWatch {
  /** @returns by how much rss was higher at most than at the start. Unit: bytes. */
  stop(): number;
}

/** Watches the process's rss from this thread, so also while the main thread stands still. */
export function watchRss(readRssBytes: () => number = () => process.memoryUsage.rss()): RssWatch {
  const beforeBytes = readRssBytes();
  let peakBytes = beforeBytes;
  const sample = (): void => {
    peakBytes = Math.max(peakBytes, readRssBytes());
  };
  const timer = setInterval(sample, SAMPLE_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      sample();
      return peakBytes - beforeBytes;
    },
  };
}
