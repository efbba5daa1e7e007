/**
 * A cost per byte or MiB of heap. What earlier captures of the service taught outweighs the cold value upwards at once;
 * downwards only half way, because a leak changes the mix of objects: measured 0.2 × heapUsed of extra rss for large
 * strings, 16 × for small objects. Half way is what a heap costs that has doubled since, with objects as dear as the cold
 * value assumes. Rejected: the learned value alone (a cache of strings, then a leak of records: 20 times too low).
 */
export function predictRatio(learned: number | undefined, cold: number): number {
  return learned === undefined ? cold : Math.max(learned, (learned + cold) / 2);
}
