import { METER_NAME } from '@heapfloor/contract/metrics';
import { bindCollectors } from '../bind-collectors.ts';
import { createBreachFlush } from '../breach-flush.ts';
import { VERSION } from '../version.ts';
import type { IsolateExport } from './create-export.ts';
import type { Attributes } from './read-resource.ts';
import { createRemoteCollector, type RemoteCollector } from './remote-collector.ts';
import type { WorkerPosting } from './worker-posting.ts';

export interface WorkerExportsOptions {
  readonly intervalMs: number;
  /** Of the process; workers append to it. */
  readonly instanceId: string;
  /** @param attributes - what the resource of the worker has more than that of the process. */
  readonly createExport: (attributes: Attributes) => IsolateExport;
  readonly isEnded: (threadId: number) => boolean;
  readonly readClockMs: () => number;
}

interface WorkerExport extends IsolateExport {
  readonly slot: number;
  readonly collector: RemoteCollector;
  readonly requestFlush: () => void;
  seenMs: number;
}

/** A worker that posts nothing for so many intervals has ended, or is blocked: no value is better than an old one. */
const SILENT_INTERVALS = 3;

/** An export per worker that posts, from its first posting to its end. */
export class WorkerExports {
  readonly #options: WorkerExportsOptions;
  readonly #byThread = new Map<number, WorkerExport>();

  constructor(options: WorkerExportsOptions) {
    this.#options = options;
  }

  take(posting: WorkerPosting): void {
    this.endDead();
    const one = this.#byThread.get(posting.threadId) ?? this.#open(posting);
    one.seenMs = this.#options.readClockMs();
    one.collector.take(posting);
    if (posting.isUrgent) one.requestFlush();
    else void one.reader.push();
  }

  /** Ends the exports of workers that are known to have ended. */
  endDead(): void {
    this.#end((threadId) => this.#options.isEnded(threadId));
  }

  /**
   * Ends the exports of workers that are silent, too. Not to be called while postings wait: behind a blocked loop
   * everybody looks silent.
   * @returns how many are left.
   */
  sweep(): number {
    const { intervalMs, isEnded, readClockMs } = this.#options;
    const oldestMs = readClockMs() - SILENT_INTERVALS * intervalMs;
    this.#end((threadId, { seenMs }) => seenMs < oldestMs || isEnded(threadId));
    return this.#byThread.size;
  }

  #end(isOver: (threadId: number, one: WorkerExport) => boolean): void {
    for (const [threadId, one] of this.#byThread) {
      if (!isOver(threadId, one)) continue;
      this.#byThread.delete(threadId);
      void one.provider.shutdown();
    }
  }

  #open(posting: WorkerPosting): WorkerExport {
    const { instanceId, createExport } = this.#options;
    const slot = lowestFree([...this.#byThread.values()].map((one) => one.slot));
    const { provider, reader } = createExport({
      'service.instance.id': `${instanceId}-worker-${slot}`,
      ...(posting.threadName === '' ? {} : { 'thread.name': posting.threadName }),
    });
    const collector = createRemoteCollector(posting, this.#options.readClockMs);
    bindCollectors(provider.getMeter(METER_NAME, VERSION), [collector]);
    const requestFlush = createBreachFlush(() => reader.forceFlush());
    const one = { provider, reader, slot, collector, requestFlush, seenMs: 0 };
    this.#byThread.set(posting.threadId, one);
    return one;
  }
}

/** From 1. A pool of short-lived workers has as many series as it has workers at a time. */
function lowestFree(taken: readonly number[]): number {
  let slot = 1;
  while (taken.includes(slot)) slot += 1;
  return slot;
}
