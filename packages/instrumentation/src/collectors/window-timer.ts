import { quietly } from '../quietly.ts';
import { realClock } from './real-clock.ts';

/** The first window is short, so that what is only known at its end is known soon. */
const FIRST_WINDOW_MS = 1000;

export interface WindowTimer {
  start(): void;
  stop(): void;
}

/** One unref'd timer for all that happens once per window: on an idle process each wake-up costs 0.1 ms. */
export function createWindowTimer(
  windowMs: number,
  onWindow: () => void,
  clock: Pick<typeof realClock, 'setTimeout' | 'clearTimeout'> = realClock,
): WindowTimer {
  let timer: NodeJS.Timeout | null = null;
  const schedule = (delayMs: number): void => {
    timer = clock.setTimeout(() => {
      schedule(windowMs);
      quietly('the end of a window', onWindow);
    }, delayMs);
    timer.unref();
  };
  return {
    start() {
      if (timer === null) schedule(Math.min(FIRST_WINDOW_MS, windowMs));
    },
    stop() {
      if (timer !== null) clock.clearTimeout(timer);
      timer = null;
    },
  };
}
