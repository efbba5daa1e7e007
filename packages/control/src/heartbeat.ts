/**
 * How long the main thread stood still, told through shared memory: the main thread beats on a timer while a capture
 * runs and notes the longest gap between two beats; the control thread reads it without asking.
 */

/** Between two beats; a stall is the gap beyond that. Unit: ms. */
const BEAT_INTERVAL_MS = 5;
const BEAT_COUNT = 0;
const LONGEST_STALL_US = 1;

export function createHeartbeatMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** The main thread's side. */
export function startBeating(memory: SharedArrayBuffer): { readonly stop: () => void } {
  const cells = new Int32Array(memory);
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const stallUs = Math.max(0, Math.round((nowMs - lastMs - BEAT_INTERVAL_MS) * 1000));
    lastMs = nowMs;
    if (stallUs > Atomics.load(cells, LONGEST_STALL_US)) Atomics.store(cells, LONGEST_STALL_US, stallUs);
    Atomics.add(cells, BEAT_COUNT, 1);
  }, BEAT_INTERVAL_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** The control thread's side. */
export interface HeartbeatReader {
  readonly beatCount: () => number;
  readonly longestStallMs: () => number;
  readonly reset: () => void;
}

export function readHeartbeat(memory: SharedArrayBuffer): HeartbeatReader {
  const cells = new Int32Array(memory);
  return {
    beatCount: () => Atomics.load(cells, BEAT_COUNT),
    longestStallMs: () => Atomics.load(cells, LONGEST_STALL_US) / 1000,
    reset: () => {
      Atomics.store(cells, LONGEST_STALL_US, 0);
    },
  };
}
