import { Session } from 'node:inspector';

/** The way from the control thread to the main isolate. Works by interrupts, so also while its loop is blocked. */
export interface MainIsolate {
  /** @throws when the main isolate does not answer in time. */
  send<Result>(method: string, params?: object, timeoutMs?: number): Promise<Result>;
  /** Chunks of heap snapshots go to this listener from now on, and to no other. */
  onChunk(listener: (chunk: string) => void): void;
}

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Connects for as long as `use` runs. Not for longer: a connected session makes a process that exits print "Waiting for
 * the debugger to disconnect". Snapshots of one session share object ids, which a comparison needs.
 */
export async function withMainIsolate<Result>(
  use: (isolate: MainIsolate) => Promise<Result>,
): Promise<Result> {
  const session = new Session();
  let onChunk: ((chunk: string) => void) | null = null;
  session.on('HeapProfiler.addHeapSnapshotChunk', (message: { params: { chunk: string } }) => {
    onChunk?.(message.params.chunk);
  });
  session.connectToMainThread();
  try {
    return await use({
      send: async (method, params = {}, timeoutMs = ANSWER_TIMEOUT_MS) =>
        send(session, { method, params, timeoutMs }),
      onChunk: (listener) => {
        onChunk = listener;
      },
    });
  } finally {
    session.disconnect();
  }
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

/** heapUsed of the main isolate. Unit: bytes. */
export async function readHeapUsedBytes(isolate: MainIsolate): Promise<number> {
  const { usedSize } = await isolate.send<{ usedSize: number }>('Runtime.getHeapUsage');
  return usedSize;
}
