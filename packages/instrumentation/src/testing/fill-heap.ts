/**
 * Says what limit we believe in, and what `heap_size_limit` is; then does as it is told on stdin: `fill` the heap until
 * V8 says what limit it believes in, or `worker`: ask a worker what V8 would give it by default. Runs in a worker too.
 */
import { readSync, writeSync } from 'node:fs';
import { getHeapStatistics, setHeapSnapshotNearHeapLimit } from 'node:v8';
import { resourceLimits, Worker } from 'node:worker_threads';
import { readOldSpaceLimit } from '../limit/read-limit.ts';

const heapSizeLimitBytes = getHeapStatistics().heap_size_limit;
writeSync(1, `limit=${JSON.stringify({ ours: readOldSpaceLimit(), heapSizeLimitBytes, resourceLimits })}\n`);

const order = Buffer.alloc(16);
const length = readSync(0, order);
if (order.toString('utf8', 0, length).trim() === 'fill') fillHeap();
else askWorker();

/** Flat strings are the fastest way: nothing in them has to be marked, and large ones are never moved. */
function fillHeap(): void {
  // Node's callback prints V8's initial_limit; it is the last one that was added, so V8 calls this one.
  setHeapSnapshotNearHeapLimit(1);
  const charCount = Math.min(Math.max(Math.trunc(heapSizeLimitBytes / 64), 2 ** 16), 2 ** 26);
  const kept: string[] = [];
  for (;;) {
    const text = 'x'.repeat(charCount) + kept.length;
    // As a number, the text must be flat.
    Number(text);
    kept.push(text);
  }
}

function askWorker(): void {
  const code = `require('node:worker_threads').parentPort.postMessage(require('node:worker_threads').resourceLimits)`;
  new Worker(code, { eval: true }).on('message', (limits: typeof resourceLimits) => {
    writeSync(1, `worker=${limits.maxOldGenerationSizeMb}\n`);
  });
}
