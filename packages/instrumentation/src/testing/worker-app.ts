/** A worker inherits `--import`; it ends when the collector of the test has seen enough. */
import { isMainThread, Worker } from 'node:worker_threads';

if (isMainThread)
  new Worker(new URL(import.meta.url)).on('exit', () => process.stdout.write('worker ended\n'));
else setTimeout(() => {}, 300);
