import { performance } from 'node:perf_hooks';

/** Keeps the event loop busy. */
export function blockLoop(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}
