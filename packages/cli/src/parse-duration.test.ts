import { expect, it } from 'vitest';
import { DURATION_PATTERN, parseDurationMs } from './parse-duration.ts';

it.each([
  ['30s', 30_000],
  ['5m', 300_000],
  ['500ms', 500],
  ['1.5h', 5_400_000],
  ['0s', 0],
])('%s is %i ms', (text, ms) => {
  expect(DURATION_PATTERN.test(text)).toBe(true);
  expect(parseDurationMs(text)).toBe(ms);
});

it.each(['30', 's', '-1s', '1 s', '1d', '1e3s', ''])('"%s" is no duration', (text) => {
  expect(DURATION_PATTERN.test(text)).toBe(false);
});
