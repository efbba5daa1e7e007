import type { MainLoop } from '../probe/main-loop.ts';

/** Enough for any sane turn of the event loop; a main thread in a longer one is called unresponsive. Unit: ms. */
const UNRESPONSIVE_AFTER_MS = 500;

/** Answers even while the main thread does not. Without an inspector session: who asks needs no key. */
export function createReadHealth(instance: string, loop: MainLoop): () => Promise<object> {
  return async () => {
    const askedMs = performance.now();
    const responsive = await loop.untilTurn(AbortSignal.timeout(UNRESPONSIVE_AFTER_MS)).then(
      () => true,
      () => false,
    );
    const eventLoopDelayMs = responsive ? Math.round(performance.now() - askedMs) : null;
    return { status: 'ok', instance, pid: process.pid, mainThread: { responsive, eventLoopDelayMs } };
  };
}
