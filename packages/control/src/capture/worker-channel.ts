import { ANSWER_TIMEOUT_MS, type IsolateChannel } from './main-isolate.ts';

export interface WorkerChannel extends IsolateChannel {
  /** No more answers will come: the worker has ended, or was let go. */
  readonly end: (reason: string) => void;
}

interface Answer {
  readonly id?: number;
  readonly result?: object;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: object;
}

interface Waiting {
  readonly resolve: (result: object) => void;
  readonly reject: (error: Error) => void;
}

/** Speaks with one worker over the session to the main isolate, which passes the messages on by interrupts. */
export function createWorkerChannel(main: IsolateChannel, sessionId: string, isolate: string): WorkerChannel {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, Set<(params: never) => void>>();
  let lastId = 0;
  let ended: string | null = null;
  const stopListening = main.onEvent(
    'NodeWorker.receivedMessageFromWorker',
    (received: { sessionId: string; message: string }) => {
      if (received.sessionId !== sessionId) return;
      const answer = JSON.parse(received.message) as Answer;
      if (answer.method !== undefined) {
        for (const listener of listeners.get(answer.method) ?? []) listener((answer.params ?? {}) as never);
      } else {
        settle(isolate, waiting.get(answer.id ?? 0), answer);
      }
    },
  );
  return {
    async send<Result>(method: string, params: object = {}, timeoutMs: number = ANSWER_TIMEOUT_MS) {
      if (ended !== null) throw new Error(ended);
      lastId += 1;
      const id = lastId;
      const message = JSON.stringify({ id, method, params });
      try {
        const answered = answerOf(
          waiting,
          id,
          `${isolate} did not answer ${method} within ${timeoutMs} ms`,
          timeoutMs,
        );
        const sent = main.send('NodeWorker.sendMessageToWorker', { sessionId, message }, timeoutMs);
        const [result] = await Promise.all([answered, sent]);
        return result as Result;
      } finally {
        waiting.delete(id);
      }
    },
    onEvent(method, listener) {
      const ofMethod = listeners.get(method) ?? new Set();
      listeners.set(method, ofMethod.add(listener));
      return () => void ofMethod.delete(listener);
    },
    end(reason) {
      ended ??= `${isolate} ${reason}`;
      stopListening();
      for (const { reject } of waiting.values()) reject(new Error(ended));
    },
  };
}

async function answerOf(
  waiting: Map<number, Waiting>,
  id: number,
  lateMessage: string,
  timeoutMs: number,
): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<object>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      timer = setTimeout(() => reject(new Error(lateMessage)), timeoutMs);
    });
  } finally {
    clearTimeout(timer);
  }
}

function settle(isolate: string, waiting: Waiting | undefined, { result, error }: Answer): void {
  if (error === undefined) waiting?.resolve(result ?? {});
  else waiting?.reject(new Error(`${isolate} failed: ${error.message}`));
}
