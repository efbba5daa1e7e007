/** Readings of one quantity by one variant, one per round. */
export type Readings = readonly number[];

export type Verdict = 'below' | 'above' | 'no difference';

export function median(values: Readings): number {
  return quantile(values, 0.5);
}

/** NaN without values. */
export function quantile(values: Readings, ratio: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = (sorted.length - 1) * ratio;
  const low = sorted[Math.floor(middle)] ?? Number.NaN;
  const high = sorted[Math.ceil(middle)] ?? Number.NaN;
  return low + (high - low) * (middle % 1);
}

export function range(values: Readings): number {
  return values.length === 0 ? 0 : Math.max(...values) - Math.min(...values);
}

/**
 * One variant against another. A difference counts only above everything that equal things differ by here: `aaSpread`, which
 * is bare against bare, and what each of the two differs by from itself.
 */
export function compare(one: Readings, other: Readings, aaSpread: number): Verdict {
  const difference = median(one) - median(other);
  if (Math.abs(difference) <= Math.max(aaSpread, range(one), range(other))) return 'no difference';
  return difference < 0 ? 'below' : 'above';
}
