import { BroadcastChannel, type Worker } from 'node:worker_threads';
import { quietly } from '../quietly.ts';
import { startDeadline } from './start-deadline.ts';
import { WorkerExports, type WorkerExportsOptions } from './worker-exports.ts';
import { isWorkerPosting, readSharedClockMs, WORKER_CHANNEL } from './worker-posting.ts';

export type WatchWorkersOptions = Pick<WorkerExportsOptions, 'intervalMs' | 'instanceId' | 'createExport'>;

/** Exports what workers post, also workers of workers. */
export function watchWorkers(options: WatchWorkersOptions): void {
  // Weak, and no listener at the app's objects: a worker that has ended says so by its id.
  const children = new Map<number, WeakRef<Worker>>();
  const isEnded = (threadId: number): boolean => children.has(threadId) && hasEnded(children.get(threadId));
  const workerExports = new WorkerExports({ ...options, isEnded, readClockMs: readSharedClockMs });
  const scheduleSweep = createSweep(workerExports, options.intervalMs);
  // Workers of workers are not told of here; they are found to be silent.
  process.on('worker', (worker) => {
    quietly('a new worker', () => {
      workerExports.endDead();
      for (const [threadId, one] of children) if (hasEnded(one)) children.delete(threadId);
      children.set(worker.threadId, new WeakRef(worker));
    });
  });
  const channel = new BroadcastChannel(WORKER_CHANNEL);
  channel.addEventListener('message', (event) => {
    quietly('figures of a worker', () => {
      const { data } = event as Event & { readonly data: unknown };
      if (!isWorkerPosting(data)) return;
      workerExports.take(data);
      scheduleSweep();
    });
  });
  channel.unref();
}

function hasEnded(worker: WeakRef<Worker> | undefined): boolean {
  return (worker?.deref()?.threadId ?? -1) < 0;
}

/** Looks for the silent as long as there are workers. */
function createSweep(workerExports: WorkerExports, intervalMs: number): () => void {
  let isScheduled = false;
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    startDeadline(intervalMs, () => {
      isScheduled = false;
      quietly('ending exports of workers', () => {
        if (workerExports.sweep() > 0) schedule();
      });
    });
  };
  return schedule;
}
