import { setInterval } from 'node:timers';
import { getHeapStatistics } from 'node:v8';
import * as workerThreads from 'node:worker_threads';
import { createBreachFlush } from '../breach-flush.ts';
import type { Collector } from '../collectors/collector.ts';
import { createSampler } from '../create-sampler.ts';
import { parseInstrumentationOptions } from '../options.ts';
import { quietly } from '../quietly.ts';
import type { WorkerSettings } from './worker-memory.ts';
import { readSharedClockMs, WORKER_CHANNEL, type WorkerPosting } from './worker-posting.ts';

/**
 * Watches this worker: without an SDK, whose 5 MB would be in the heap under watch. The main thread exports what is
 * posted. Nothing here keeps the worker alive.
 */
export function startPosting({ intervalMs, config }: WorkerSettings): void {
  if (getHeapStatistics().heap_size_limit < MIN_HEAP_BYTES) return;
  const requestUrgent = createBreachFlush(async () => post(true));
  const options = parseInstrumentationOptions(config);
  const sampler = createSampler(options, requestUrgent);
  const { takeRecords, record } = createRecordBuffer();
  const metricNames = sampler.collectors.flatMap((collector) => collector.metricNames);
  for (const collector of sampler.collectors) collector.connect?.(record);
  const post = (isUrgent: boolean): void => {
    quietly('posting to the main thread', () => {
      const figures = { observations: observe(sampler.collectors), records: takeRecords() };
      send({ ...describeThread(), metricNames, isUrgent, ...figures });
    });
  };
  sampler.start();
  setInterval(() => post(false), intervalMs).unref();
}

/** We take 2 to 3 MB: a worker that is kept smaller than this could die of us. */
const MIN_HEAP_BYTES = 32 * 2 ** 20;

/** A worker that records more than this per interval loses the rest, not its memory. */
const MAX_RECORDS = 10_000;

function createRecordBuffer() {
  let records: WorkerPosting['records'][number][] = [];
  return {
    record: (...figure: WorkerPosting['records'][number]): void => {
      if (records.length < MAX_RECORDS) records.push(figure);
    },
    takeRecords: () => {
      const taken = records;
      records = [];
      return taken;
    },
  };
}

function observe(collectors: readonly Collector[]): WorkerPosting['observations'] {
  const observations: WorkerPosting['observations'][number][] = [];
  for (const collector of collectors) {
    // One subject that cannot be read must not cost the others.
    quietly('a collector', () => collector.observe((...figure) => observations.push(figure)));
  }
  return observations;
}

/** Node 22.20 and 24.6 know the name; these are what they say of a worker that has none. */
const NO_NAMES = ['', 'WorkerThread'];

function describeThread() {
  const { threadId, threadName = '' } = workerThreads as typeof workerThreads & { threadName?: string };
  return {
    threadId,
    threadName: NO_NAMES.includes(threadName) ? '' : threadName,
    sentMs: readSharedClockMs(),
  };
}

/** Opened for one message: an open channel would also get, and wake this worker for, what all others post. */
function send(posting: WorkerPosting): void {
  const channel = new workerThreads.BroadcastChannel(WORKER_CHANNEL);
  try {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's message has no origin
    channel.postMessage(posting);
  } finally {
    channel.close();
  }
}
