import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 5;

/**
 * As `expect.poll`, for tests that run concurrently, where that one does not know its test.
 * @throws with the last value when it does not become fine in time.
 */
export async function until<Value>(
  read: () => Promise<Value> | Value,
  isFine: (value: Value) => boolean,
  timeoutMs = 15_000,
): Promise<Value> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (isFine(value)) return value;
    if (performance.now() > deadlineMs) {
      throw new Error(`after ${timeoutMs} ms it is still ${JSON.stringify(value)}`);
    }
    await delay(POLL_INTERVAL_MS);
  }
}
