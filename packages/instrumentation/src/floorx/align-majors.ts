/** How far the two records may differ in where they begin: a GC from before the profiler, one whose entry is to come. */
const MAX_SHIFT = 3;
/** Durations differ by up to 0.3 ms, so a shift must be better by more than noise. */
const SHIFT_PENALTY_MS = 0.05;

/**
 * Finds which record of the profiler belongs to which entry of the observer. Both are in order and without gaps, but
 * neither has a number; so their durations are laid side by side. Normally they end together.
 * @returns the entry of record 0: negative where records come before the first entry.
 */
export function alignMajors(entryMs: readonly number[], recordMs: readonly number[]): number {
  const usual = entryMs.length - recordMs.length;
  let best = usual;
  let bestMs = Number.POSITIVE_INFINITY;
  for (let shift = usual - MAX_SHIFT; shift <= usual + MAX_SHIFT; shift += 1) {
    const errorMs = meanErrorMs(entryMs, recordMs, shift) + Math.abs(shift - usual) * SHIFT_PENALTY_MS;
    if (errorMs < bestMs) {
      best = shift;
      bestMs = errorMs;
    }
  }
  return best;
}

/** Infinite where they do not overlap. */
function meanErrorMs(entryMs: readonly number[], recordMs: readonly number[], shift: number): number {
  let sumMs = 0;
  let count = 0;
  for (const [index, durationMs] of recordMs.entries()) {
    const other = entryMs[index + shift];
    if (other === undefined) continue;
    sumMs += Math.abs(durationMs - other);
    count += 1;
  }
  return count === 0 ? Number.POSITIVE_INFINITY : sumMs / count;
}
