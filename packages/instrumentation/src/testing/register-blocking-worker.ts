/** A worker that is fine for a second, then blocked for good; the main thread goes on until it is killed. */
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';

if (isMainThread) void new Worker(new URL(import.meta.url), { name: 'blocked' });
else await work();

async function work(): Promise<void> {
  await delay(1000);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
