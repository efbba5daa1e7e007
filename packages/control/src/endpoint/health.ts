import { measureEventLoopDelayMs, type MainIsolateLink } from '../capture/main-isolate.ts';

/** Enough for any sane turn of the event loop; a main thread in a longer one is called unresponsive. Unit: ms. */
const UNRESPONSIVE_AFTER_MS = 500;

/** Answers even while the main thread does not. */
export function createReadHealth(instance: string, link: MainIsolateLink): () => Promise<object> {
  return async () => {
    const eventLoopDelayMs = await link.use(async (isolate) =>
      measureEventLoopDelayMs(isolate, UNRESPONSIVE_AFTER_MS),
    );
    return {
      status: 'ok',
      instance,
      pid: process.pid,
      mainThread: {
        responsive: eventLoopDelayMs !== null,
        eventLoopDelayMs: eventLoopDelayMs === null ? null : Math.round(eventLoopDelayMs),
      },
    };
  };
}
