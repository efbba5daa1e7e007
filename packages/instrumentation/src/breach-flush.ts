import { realClock } from './collectors/real-clock.ts';
import { quietly } from './quietly.ts';

/** Near the limit several major GCs run in one second; they share one flush. */
const MIN_GAP_MS = 1000;
/** The first flushes of a breach have no gap: of a fast leak they may be all that is ever told, and two make an alert. */
const QUICK_COUNT = 4;
/** A breach that long after the last one is another. */
const QUIET_MS = 60_000;

export interface BreachFlushOptions {
  readonly minGapMs?: number;
  readonly quickCount?: number;
  readonly clock?: Pick<typeof realClock, 'nowMs'> & {
    setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout;
  };
}

/**
 * Turns requests into flushes that never overlap: a request during one, or right after it, leads to one more, so that
 * the last streak is always sent. The next regular export may come too late for a process that is about to die.
 * @param flush - never awaited by the app; its failure is the reader's to report.
 */
export function createBreachFlush(flush: () => Promise<void>, options: BreachFlushOptions = {}): () => void {
  const { minGapMs = MIN_GAP_MS, quickCount = QUICK_COUNT, clock = realClock } = options;
  let isBusy = false;
  let isWanted = false;
  let quickLeft = quickCount;
  let lastMs = Number.NEGATIVE_INFINITY;
  const run = (): void => {
    isBusy = true;
    isWanted = false;
    const nowMs = clock.nowMs();
    quickLeft = nowMs - lastMs >= QUIET_MS ? quickCount : Math.max(0, quickLeft - 1);
    lastMs = nowMs;
    const next = (): void => {
      isBusy = false;
      if (isWanted) run();
    };
    const finish = (): void => {
      if (quickLeft > 0) next();
      else quietly('waiting for the next flush', () => clock.setTimeout(next, minGapMs).unref());
    };
    flush().then(finish, finish);
  };
  return () => {
    if (isBusy) isWanted = true;
    else run();
  };
}
