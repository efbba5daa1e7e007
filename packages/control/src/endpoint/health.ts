import { withMainIsolate, type MainIsolate } from '../capture/main-isolate.ts';

/** Enough for any sane event loop turn; a main thread in a longer one is called busy. Unit: ms. */
const BUSY_AFTER_MS = 500;

/** Answers even while the main thread does not. */
export function createReadHealth(instance: string): () => Promise<object> {
  return async () => {
    const startedMs = performance.now();
    const isResponsive = await withMainIsolate(isIdle).catch(() => false);
    return {
      status: 'ok',
      instance,
      pid: process.pid,
      mainThread: { isResponsive, answeredAfterMs: Math.round(performance.now() - startedMs) },
    };
  };
}

/** A promise resolved by a timer: an interrupt alone would be answered in the middle of an endless loop as well. */
async function isIdle(isolate: MainIsolate): Promise<boolean> {
  const params = {
    expression: 'new Promise((resolve) => { setImmediate(resolve, 1); })',
    awaitPromise: true,
  };
  await isolate.send('Runtime.evaluate', params, BUSY_AFTER_MS);
  return true;
}
