import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PerformanceObserver } from 'node:perf_hooks';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** One major GC, at once. */
export function forceMajorGc(): void {
  gc();
}

/** One major GC, and its entry delivered to all observers. */
export async function forceObservedMajorGc(): Promise<void> {
  const seen: unknown[] = [];
  const observer = new PerformanceObserver((list) => seen.push(list));
  observer.observe({ entryTypes: ['gc'] });
  gc();
  // Node delivers entries with an unref'd immediate: an idle loop would sleep on them.
  while (seen.length === 0) await nextTurn();
  observer.disconnect();
  await nextTurn();
}
