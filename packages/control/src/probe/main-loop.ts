/**
 * Whether the main event loop turns, known without a heartbeat: a question is posted to the main thread when somebody wants
 * to know, and the loop answers it when it turns. So an app that nobody probes spends nothing.
 */
export interface MainLoop {
  /** Asks, unless a question is open or was answered just now: probes without end must not load the app. */
  readonly ask: () => void;
  /** The main thread's answer. */
  readonly onTurn: (question: number) => void;
  /** How long the oldest open question waits; 0 when none is open. Unit: ms. */
  readonly silentMs: () => number;
  /** Resolves at the next answer, whatever the question; false when none came in time. */
  readonly isAnswering: (withinMs: number) => Promise<boolean>;
  /** Resolves when the loop has turned after this call. @throws the reason of the signal. */
  readonly untilTurn: (signal: AbortSignal) => Promise<void>;
  /** Time from then until now does not count as silence. @param sinceMs - of `performance.now()`. */
  readonly forgive: (sinceMs: number) => void;
}

/** Least time between two questions of probes. Unit: ms. */
const ASK_INTERVAL_MS = 100;

type Listener = (question: number) => void;

export function createMainLoop(post: (question: number) => void): MainLoop {
  const listeners = new Set<Listener>();
  let lastQuestion = 0;
  let waitsSinceMs: number | null = null;
  let turnedAtMs = Number.NEGATIVE_INFINITY;

  function postQuestion(): number {
    lastQuestion += 1;
    waitsSinceMs ??= performance.now();
    post(lastQuestion);
    return lastQuestion;
  }

  return {
    ask() {
      if (waitsSinceMs === null && performance.now() - turnedAtMs >= ASK_INTERVAL_MS) postQuestion();
    },
    onTurn(question) {
      turnedAtMs = performance.now();
      waitsSinceMs = question === lastQuestion ? null : turnedAtMs;
      for (const listener of listeners) listener(question);
    },
    silentMs: () => (waitsSinceMs === null ? 0 : performance.now() - waitsSinceMs),
    isAnswering: async (withinMs) =>
      untilAnswer(listeners, 0, AbortSignal.timeout(withinMs)).then(
        () => true,
        () => false,
      ),
    untilTurn: async (signal) => {
      signal.throwIfAborted();
      await untilAnswer(listeners, postQuestion(), signal);
    },
    forgive(sinceMs) {
      if (waitsSinceMs !== null) waitsSinceMs += performance.now() - Math.max(sinceMs, waitsSinceMs);
    },
  };
}

async function untilAnswer(
  listeners: Set<Listener>,
  leastQuestion: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      listeners.delete(onAnswer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAnswer = (question: number): void => {
      if (question >= leastQuestion) end(resolve);
    };
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    listeners.add(onAnswer);
    signal.addEventListener('abort', onAbort);
  });
}
