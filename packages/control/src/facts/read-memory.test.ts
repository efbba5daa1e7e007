import { expect, it } from 'vitest';
import { sanitizeLimit } from './read-memory.ts';

it.each([
  ['no cgroup on Node 22 and later', 18_446_744_073_709_552_000, null],
  ['nothing known', 0, null],
  ['an older Node', undefined, null],
  ['as much as the machine has', 1_000, null],
  ['a real limit', 999, 999],
])('takes %s for what it is', (_name, constrainedBytes, limitBytes) => {
  expect(sanitizeLimit(constrainedBytes, 1_000)).toBe(limitBytes);
});
