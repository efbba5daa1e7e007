/** Bundled beside `fill-heap.js`, which it starts in a worker with the given options; `isSilent`: the main thread never loads us. */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { readOldSpaceLimit } from '../limit/read-limit.ts';

interface Settings extends WorkerOptions {
  readonly isSilent?: boolean;
  /** What the app does to its own environment before it loads us. */
  readonly nodeOptions?: string;
}

const { isSilent = false, nodeOptions, ...options } = JSON.parse(process.argv[2] ?? '{}') as Settings;
if (nodeOptions !== undefined) process.env['NODE_OPTIONS'] = nodeOptions;
if (!isSilent) readOldSpaceLimit();
new Worker(new URL('./fill-heap.js', import.meta.url), options).on('error', (error) => {
  throw error;
});
