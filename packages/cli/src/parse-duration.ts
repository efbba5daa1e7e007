/** `30s`, `5m`, `500ms`, `1.5h`. */
export const DURATION_PATTERN = /^([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h)$/;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** @param text - of {@link DURATION_PATTERN}. @returns whole ms. */
export function parseDurationMs(text: string): number {
  const [, value = '', unit = ''] = DURATION_PATTERN.exec(text) ?? [];
  return Math.round(Number(value) * (UNIT_MS[unit] ?? Number.NaN));
}
