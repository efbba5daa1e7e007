/** A share of the whole as an SVG length: `94.2%`. Geometry stands in attributes, since the CSP allows no inline style. */
export function percent(ratio: number): string {
  return `${round(ratio * 100)}%`;
}

/** A share within 0 and 1; what is no number counts as nothing. */
export function clampRatio(ratio: number): number {
  return ratio > 0 ? Math.min(1, ratio) : 0;
}

/** Two decimals: a fiftieth of a pixel, and short. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
