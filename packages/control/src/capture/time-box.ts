import { setTimeout as delay } from 'node:timers/promises';

/** Waits for the time, or for the signal to end it early: either way what was recorded until then is kept. */
export async function timeBox(durationMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(durationMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
