/** Near the limit several major GCs run in one second; they share one flush. */
const MIN_GAP_MS = 1000;

/**
 * Turns requests into flushes that never overlap: a request during one, or right after it, leads to one more, so that
 * the last streak is always sent. The next regular export may come too late for a process that is about to die.
 * @param flush - never awaited by the app; its failure is the reader's to report.
 */
export function createBreachFlush(flush: () => Promise<void>, minGapMs = MIN_GAP_MS): () => void {
  let isBusy = false;
  let isWanted = false;
  const run = (): void => {
    isBusy = true;
    isWanted = false;
    const finish = (): void => {
      setTimeout(() => {
        isBusy = false;
        if (isWanted) run();
      }, minGapMs).unref();
    };
    flush().then(finish, finish);
  };
  return () => {
    if (isBusy) isWanted = true;
    else run();
  };
}
