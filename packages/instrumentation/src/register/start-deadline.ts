// Not the global ones: tests of the app may have replaced them by timers that they move by hand.
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';

/**
 * Calls back after a time, unless it is cancelled before. Where the event loop was blocked for longer, what came
 * meanwhile is delivered first: timers run before it, immediates behind it. Does not keep the loop alive.
 * @returns cancels.
 */
export function startDeadline(deadlineMs: number, onLate: () => void): () => void {
  let immediate: NodeJS.Immediate | null = null;
  const timer = setTimeout(() => {
    immediate = setImmediate(onLate);
  }, deadlineMs);
  timer.unref();
  return () => {
    clearTimeout(timer);
    if (immediate !== null) clearImmediate(immediate);
  };
}
