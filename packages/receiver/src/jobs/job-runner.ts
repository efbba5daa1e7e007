import { randomUUID } from 'node:crypto';
import { describeError } from '@heapfloor/contract';
import { workOnJob, type JobContext } from './work-on-job.ts';

export interface JobRunner {
  start(): void;
  /** A job was enqueued: look now, not at the next poll. */
  wake(): void;
  /** Ends the work at hand without losing it: it goes on at the next start. */
  stop(): Promise<void>;
}

/** How often a due retry or an expired lease is looked for; a query on an index. Unit: ms. */
const POLL_INTERVAL_MS = 1000;

/** Several services side by side; of one service the store hands out one capture at a time. */
export function createJobRunner(context: JobContext): JobRunner {
  const owner = randomUUID();
  const stopping = new AbortController();
  const workers = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  /** Until there is nothing more to do. */
  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { leaseMs } = context.policy;
      const record = await context.store.claim({ owner, now: context.clock(), leaseMs });
      if (record === null) return;
      await workOnJob(record, { id: record.id, owner }, { context, stopping: stopping.signal });
    }
  }

  function wake(): void {
    if (stopping.signal.aborted || workers.size >= context.policy.maxConcurrentCaptures) return;
    const worker = work()
      .catch((error: unknown) => {
        // The store failed: the lease brings the job back, the poll tries again.
        context.logEvent('error', 'job-store-failed', { error: describeError(error) });
      })
      .finally(() => workers.delete(worker));
    workers.add(worker);
  }

  return {
    wake,
    start() {
      timer = setInterval(wake, POLL_INTERVAL_MS);
      wake();
    },
    async stop() {
      clearInterval(timer);
      stopping.abort(new Error('the receiver is stopping'));
      await Promise.all(workers);
    },
  };
}
