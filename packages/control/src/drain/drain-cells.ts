/**
 * What both threads know of the instance's service, in shared memory: so the control thread counts requests while the
 * main thread is blocked, and readiness changes for both at once. Int32 cells, used by `Atomics` alone.
 */
export const IN_FLIGHT_COUNT = 0;
/** Requests since the start; wraps, so compare for equality only. */
export const ARRIVED_COUNT = 1;
/** Written by the control thread; by the main thread when the control thread has ended. */
export const IS_DRAINING = 2;
/** Written by the main thread: the app is ready to serve, apart from drains. */
export const IS_UP = 3;

const CELL_COUNT = 4;

export function createDrainMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(CELL_COUNT * Int32Array.BYTES_PER_ELEMENT);
}
