import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { awaitLetGo, createLatchMemory, createSessionLatch } from './session-latch.ts';

it('does not wait where no session is held', () => {
  const memory = createLatchMemory();
  const latch = createSessionLatch(memory);
  latch.hold();
  latch.release();
  expect(awaitLetGo(memory, 0)).toBe(true);
});

it('gives up after the time-out where one of two sessions stays', () => {
  const memory = createLatchMemory();
  const latch = createSessionLatch(memory);
  latch.hold();
  latch.hold();
  latch.release();
  expect(awaitLetGo(memory, 20)).toBe(false);
});

it('wakes when another thread has let go of both', async () => {
  const memory = createLatchMemory();
  const latch = createSessionLatch(memory);
  latch.hold();
  latch.hold();
  const code = `const { parentPort, workerData } = require('node:worker_threads');
    const cells = new Int32Array(workerData);
    parentPort.once('message', () => { for (let n = 0; n < 2; n += 1) { Atomics.sub(cells, 0, 1); Atomics.notify(cells, 0); } });
    parentPort.postMessage('ready');`;
  const worker = new Worker(code, { eval: true, workerData: memory, execArgv: [] });
  await once(worker, 'message');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's message has no origin
  worker.postMessage('go');
  expect(awaitLetGo(memory, 10_000)).toBe(true);
  await worker.terminate();
});
