export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Median of the slopes of all pairs of points (Theil 1950, Sen 1968): up to 29 % of the points may be off without
 * moving it. Null without two points of different x.
 */
export function theilSenSlope(points: readonly Point[]): number | null {
  const slopes = points
    .flatMap((a, index) => points.slice(index + 1).map((b) => (b.y - a.y) / (b.x - a.x)))
    .filter((slope) => Number.isFinite(slope))
    .toSorted((a, b) => a - b);
  const middle = slopes.length / 2;
  const upper = slopes[Math.floor(middle)];
  if (upper === undefined) return null;
  return Number.isInteger(middle) ? ((slopes[middle - 1] ?? upper) + upper) / 2 : upper;
}
