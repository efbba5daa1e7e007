/** A worker inherits `--import`; it lives for as many milliseconds as the first argument says. */
import { isMainThread, Worker } from 'node:worker_threads';

if (isMainThread)
  new Worker(new URL(import.meta.url)).on('exit', () => process.stdout.write('worker ended\n'));
else setTimeout(() => {}, Number(process.argv[2] ?? 300));
