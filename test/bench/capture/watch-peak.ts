import { readRssBytes } from '../overhead/read-process.ts';

/** Looks at the resident memory of a process from outside, every few ms. @returns how much it grew at most. */
export function watchPeak(pid: number): () => number {
  const beforeBytes = readRssBytes(pid);
  let peakBytes = beforeBytes;
  const look = (): void => {
    peakBytes = Math.max(peakBytes, readRssBytes(pid));
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch {
      clearInterval(timer); // it has ended; whoever waits for it says so
    }
  }, 5);
  return () => {
    clearInterval(timer);
    look();
    return peakBytes - beforeBytes;
  };
}
