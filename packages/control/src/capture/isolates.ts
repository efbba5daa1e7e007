import { threadId } from 'node:worker_threads';
import type { IsolateCoverage } from '@heapfloor/contract';
import { evaluate } from './evaluate.ts';
import { readHeapUsedBytes, type IsolateChannel } from './main-isolate.ts';
import { createWorkerChannel, type WorkerChannel } from './worker-channel.ts';
import { findWorkerChurn } from './worker-churn.ts';

/** An isolate that answers. */
export interface Isolate extends IsolateChannel {
  /** `main` or `worker-<threadId>`. */
  readonly isolate: string;
  /** `name` of the worker; empty for the main thread and unnamed workers. */
  readonly name: string;
  readonly heapUsedBytes: number;
  readonly evaluate: <Value>(expression: string, timeoutMs: number) => Promise<Value>;
}

export interface OpenIsolates {
  /** Those that were asked for and answered, the main isolate first. */
  readonly isolates: readonly Isolate[];
  /** The others: `reason` is null for those that were not asked for. */
  readonly others: readonly IsolateCoverage[];
  /** Why the workers are not known; null when they are, or were not asked for. */
  readonly workersProblem: string | null;
  /** Lets go of all workers. For a pair call it after the second snapshot: letting go makes V8 forget object ids. */
  readonly close: () => Promise<void>;
}

export interface OpenIsolatesOptions {
  /** `main`, `all` or `worker-<threadId>`, as a command says it. With `main` no worker is touched or known. */
  readonly wanted: string;
  /** Longest wait for one worker's first answer; one that is stuck in native code never gives it. */
  readonly answerTimeoutMs?: number;
  /** Stands in for the look at the process's threads in tests. */
  readonly findChurn?: () => Promise<string | null>;
}

interface AttachedWorker {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}

const WORKER_TIMEOUT_MS = 2_000;
/** Node's own name for a worker without one. */
const UNNAMED = 'WorkerThread';
const TITLE = /^\[worker (\d+)\] ?(.*)$/s;

/**
 * The isolates of this process but for the control thread. Workers are attached to while this is open, those inside workers
 * as well; one that starts meanwhile is not asked and not paused.
 */
export async function openIsolates(
  main: IsolateChannel,
  options: OpenIsolatesOptions,
): Promise<OpenIsolates> {
  const { wanted, findChurn = findWorkerChurn } = options;
  const wantsMain = wanted === 'main' || wanted === 'all';
  const mainIsolates = wantsMain ? [await openIsolate(main, { isolate: 'main', name: '' })] : [];
  const mainOthers = wantsMain ? [] : [notAsked('main', '')];
  const without = (workersProblem: string | null): OpenIsolates => ({
    isolates: mainIsolates,
    others: mainOthers,
    workersProblem,
    close: async () => {},
  });
  if (wanted === 'main') return without(null);
  const churn = await findChurn();
  if (churn !== null) return without(churn);
  const workers = await openWorkers(main, options);
  return {
    isolates: [...mainIsolates, ...workers.isolates],
    others: [...mainOthers, ...workers.others],
    workersProblem: null,
    close: workers.close,
  };
}

async function openIsolate(
  channel: IsolateChannel,
  { isolate, name, timeoutMs }: { isolate: string; name: string; timeoutMs?: number },
): Promise<Isolate> {
  return {
    isolate,
    name,
    heapUsedBytes: await readHeapUsedBytes(channel, timeoutMs),
    send: channel.send,
    onEvent: channel.onEvent,
    evaluate: async (expression, timeoutMs) => evaluate(channel, expression, timeoutMs),
  };
}

async function openWorkers(
  main: IsolateChannel,
  { wanted, answerTimeoutMs = WORKER_TIMEOUT_MS }: OpenIsolatesOptions,
): Promise<Omit<OpenIsolates, 'workersProblem'>> {
  const attachment = await attachWorkers(main);
  try {
    const isolates: Isolate[] = [];
    const others: IsolateCoverage[] = [];
    const openings = attachment.workers.map(async ({ sessionId, workerInfo }) => {
      const { isolate, name, isOwn } = parseTitle(workerInfo.title);
      if (isOwn || (wanted !== 'all' && wanted !== isolate)) {
        if (!isOwn) others.push(notAsked(isolate, name));
        await attachment.detach(sessionId);
        return;
      }
      try {
        const channel = attachment.open(sessionId, isolate);
        isolates.push(await openIsolate(channel, { isolate, name, timeoutMs: answerTimeoutMs }));
      } catch (error) {
        others.push({ isolate, name, isCovered: false, reason: (error as Error).message });
        await attachment.detach(sessionId);
      }
    });
    await Promise.all(openings);
    const isKnown = [...isolates, ...others].some(({ isolate }) => isolate === wanted);
    if (wanted !== 'all' && !isKnown) others.push(notThere(wanted));
    return {
      isolates: isolates.toSorted(byThread),
      others: others.toSorted(byThread),
      close: attachment.close,
    };
  } catch (error) {
    await attachment.close();
    throw error;
  }
}

interface Attachment {
  readonly workers: readonly AttachedWorker[];
  readonly open: (sessionId: string, isolate: string) => IsolateChannel;
  readonly detach: (sessionId: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Node attaches to all workers or none. By the answer to `enable` every worker that is there has been announced. */
async function attachWorkers(main: IsolateChannel): Promise<Attachment> {
  const workers: AttachedWorker[] = [];
  const channels = new Map<string, WorkerChannel>();
  const stopListening = [
    main.onEvent('NodeWorker.attachedToWorker', (worker: AttachedWorker) => void workers.push(worker)),
    main.onEvent('NodeWorker.detachedFromWorker', ({ sessionId }: { sessionId: string }) => {
      channels.get(sessionId)?.end('has ended');
    }),
  ];
  async function close(): Promise<void> {
    await main.send('NodeWorker.disable').catch(() => {}); // the session's end lets go as well
    for (const stop of stopListening) stop();
    for (const channel of channels.values()) channel.end('was let go');
  }
  try {
    await main.send('NodeWorker.enable', { waitForDebuggerOnStart: false });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    workers: [...workers],
    open(sessionId, isolate) {
      const channel = createWorkerChannel(main, sessionId, isolate);
      channels.set(sessionId, channel);
      return channel;
    },
    async detach(sessionId) {
      await main.send('NodeWorker.detach', { sessionId }).catch(() => {}); // it has ended by itself
    },
    close,
  };
}

export function parseTitle(title: string): { isolate: string; name: string; isOwn: boolean } {
  const [, thread = '', name = ''] = TITLE.exec(title) ?? [];
  return {
    isolate: `worker-${thread}`,
    name: name === UNNAMED ? '' : name,
    isOwn: Number(thread) === threadId,
  };
}

function notAsked(isolate: string, name: string): IsolateCoverage {
  return { isolate, name, isCovered: false, reason: null };
}

function notThere(isolate: string): IsolateCoverage {
  return { isolate, name: '', isCovered: false, reason: `the process has no ${isolate}; it may have ended` };
}

function byThread(a: { isolate: string }, b: { isolate: string }): number {
  return a.isolate.localeCompare(b.isolate, 'en', { numeric: true });
}
