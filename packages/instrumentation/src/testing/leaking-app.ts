/**
 * Keeps 74 % of the old-space limit after two seconds (with what Node itself needs: above 80 %) and stays there, while
 * arrays that live for some 300 ms make V8 collect the old space again and again. Each tick blocks the loop after it has
 * allocated, so that the gc observer comes too late. Ends on SIGTERM.
 */
import { readOldSpaceLimit } from '../limit/read-limit.ts';
import { blockLoop } from './block-loop.ts';

/** A thousand doubles. */
const ARRAY_BYTES = 8016;
const keptCount = (0.74 * readOldSpaceLimit().bytes) / ARRAY_BYTES;
const kept: number[][] = [];
const recent: number[][] = [];

const timer = setInterval(() => {
  if (kept.length < keptCount) kept.push(...arrays(keptCount / 60));
  recent.push(...arrays(70));
  recent.splice(0, recent.length - 600);
  blockLoop(20);
}, 10);

process.on('SIGTERM', () => clearInterval(timer));

function arrays(count: number): number[][] {
  return Array.from({ length: Math.ceil(count) }, () =>
    Array.from({ length: 1000 }, (_, index) => index + 0.5),
  );
}
