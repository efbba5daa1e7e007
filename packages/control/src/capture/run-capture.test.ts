import { expect, it } from 'vitest';
import type { CaptureFacts } from '../guards/guard.ts';
import { reusable } from './run-capture.ts';

const MIB = 2 ** 20;

it.each([
  ['what the first snapshot left behind', 900, 100, 600],
  ['not the growth of the heap', 900, 150, 550],
  ['nothing when the memory was given back', 290, 100, 0],
])('the second snapshot may count on %s', (_name, rssMiB, heapMiB, expectedMiB) => {
  const facts = { rssBytes: rssMiB * MIB, heapUsedBytes: heapMiB * MIB } as CaptureFacts;
  const before = { rssBytes: 300 * MIB, heapBytes: 100 * MIB };
  expect(reusable(facts, before)).toBe(expectedMiB * MIB);
});
