import { realClock } from './real-clock.ts';

/** Work that took longer is done half as often, down to a sixteenth. */
const SLOW_MS = 5;
const MAX_BACK_OFF = 16;

/** Runs what it is given, but less often while that is slow. */
export type BackOff = (work: () => void) => void;

/** Wall time on purpose: on a starved machine the work takes from the app even where it needs little CPU. */
export function createBackOff(nowMs: () => number = realClock.nowMs): BackOff {
  let everyNth = 1;
  let skipped = 0;
  return (work) => {
    skipped += 1;
    if (skipped < everyNth) return;
    skipped = 0;
    const beganMs = nowMs();
    try {
      work();
    } finally {
      everyNth = nextBackOff(everyNth, nowMs() - beganMs);
    }
  };
}

export function nextBackOff(everyNth: number, tookMs: number): number {
  return tookMs > SLOW_MS ? Math.min(everyNth * 2, MAX_BACK_OFF) : 1;
}
