import { Session } from 'node:inspector';
import type { SessionLatch } from '../inspector/session-latch.ts';

/** The way from the control thread to an isolate. Works by interrupts, so also while its loop is blocked. */
export interface IsolateChannel {
  /** @throws when the isolate does not answer in time. */
  readonly send: <Result>(method: string, params?: object, timeoutMs?: number) => Promise<Result>;
  /** @returns how to stop listening. */
  readonly onEvent: (method: string, listener: (params: never) => void) => () => void;
}

export type MainIsolate = IsolateChannel;

export const ANSWER_TIMEOUT_MS = 10_000;

/** One connection, shared by all who need it at the same time. */
export interface MainIsolateLink {
  readonly use: <Result>(work: (isolate: MainIsolate) => Promise<Result>) => Promise<Result>;
  /** Lets go at once, whoever uses it: a process under --inspect waits at its end for every session. */
  readonly close: () => void;
}

/**
 * Connected while somebody uses it. Not for longer: with a connected session a process that exits prints "Waiting for the
 * debugger to disconnect". And never twice: a second session that disconnects makes V8 forget the ids of all objects
 * (Node 22 and 26), and two snapshots with a health check between them could not be compared.
 */
export function createMainIsolateLink(latch: SessionLatch): MainIsolateLink {
  let connected: Connection | null = null;
  let userCount = 0;
  function disconnect(): void {
    if (connected === null) return;
    connected.session.disconnect();
    connected = null;
    latch.release();
  }
  return {
    async use(work) {
      if (connected === null) {
        connected = connect();
        latch.hold();
      }
      userCount += 1;
      try {
        return await work(connected.isolate);
      } finally {
        userCount -= 1;
        if (userCount === 0) disconnect();
      }
    },
    close: disconnect,
  };
}

interface Connection {
  readonly session: Session;
  readonly isolate: MainIsolate;
}

function connect(): Connection {
  const session = new Session();
  session.connectToMainThread();
  const isolate: MainIsolate = {
    send: async (method, params = {}, timeoutMs = ANSWER_TIMEOUT_MS) =>
      send(session, { method, params, timeoutMs }),
    onEvent: (method, listener) => {
      const onMessage = ({ params }: { params: object }): void => listener(params as never);
      session.on(method, onMessage);
      return () => session.off(method, onMessage);
    },
  };
  return { session, isolate };
}

interface Request {
  readonly method: string;
  readonly params: object;
  readonly timeoutMs: number;
}

async function send<Result>(session: Session, { method, params, timeoutMs }: Request): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the main thread did not answer ${method} within ${timeoutMs} ms`));
    }, timeoutMs);
    session.post(method, params, (error: Error | null, result?: object) => {
      clearTimeout(timer);
      if (error === null) resolve(result as Result);
      else reject(new Error(`${method} failed: ${error.message}`));
    });
  });
}

/**
 * Time until the main event loop turns; null when it does not in time. An interrupt alone would be answered in the
 * middle of an endless loop as well, so the promise is resolved by the loop itself.
 */
export async function measureEventLoopDelayMs(
  isolate: MainIsolate,
  timeoutMs: number,
): Promise<number | null> {
  const params = {
    expression: 'new Promise((resolve) => { setImmediate(resolve, 1); })',
    awaitPromise: true,
  };
  const startedMs = performance.now();
  try {
    await isolate.send('Runtime.evaluate', params, timeoutMs);
    return performance.now() - startedMs;
  } catch {
    return null; // it did not turn; the guard says so with the time waited
  }
}

/** heapUsed of the isolate. Unit: bytes. */
export async function readHeapUsedBytes(
  isolate: IsolateChannel,
  timeoutMs: number = ANSWER_TIMEOUT_MS,
): Promise<number> {
  const { usedSize } = await isolate.send<{ usedSize: number }>('Runtime.getHeapUsage', {}, timeoutMs);
  return usedSize;
}
