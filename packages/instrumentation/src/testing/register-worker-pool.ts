/**
 * Workers, as many as the first argument says, four at a time; every other one is terminated. Each lives until it has been
 * watched once, or for as many milliseconds as the second argument says. The main thread stays for a second. Prints how
 * much longer the slowest one took to end than it wanted, in milliseconds.
 */
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import {
  BroadcastChannel,
  isMainThread,
  parentPort,
  threadId,
  Worker,
  workerData,
} from 'node:worker_threads';
import { WORKER_CHANNEL } from '../register/worker-posting.ts';

const LANES = 4;

if (isMainThread) await main(Number(process.argv[2]), process.argv[3]);
else if (workerData === undefined) awaitOwnPosting();
else setTimeout(sayEnd, Number(workerData));

function awaitOwnPosting(): void {
  const channel = new BroadcastChannel(WORKER_CHANNEL);
  channel.addEventListener('message', (event) => {
    const { data } = event as Event & { readonly data: { readonly threadId: number } };
    if (data.threadId !== threadId) return;
    channel.close();
    sayEnd();
  });
}

function sayEnd(): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port's message has no origin
  parentPort?.postMessage(performance.timeOrigin + performance.now());
}

async function main(count: number, liveMs: string | undefined): Promise<void> {
  const late: number[] = [];
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      late.push(await runOne(liveMs, started % 2 === 0));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  process.stdout.write(`late=${Math.round(late.toSorted((a, b) => b - a)[0] ?? 0)}\n`);
  setTimeout(() => {}, 1000);
}

async function runOne(liveMs: string | undefined, isTerminated: boolean): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: liveMs });
  const exited = once(worker, 'exit');
  const [endsMs] = (await once(worker, 'message')) as [number];
  if (isTerminated) void worker.terminate();
  await exited;
  return performance.timeOrigin + performance.now() - endsMs;
}
