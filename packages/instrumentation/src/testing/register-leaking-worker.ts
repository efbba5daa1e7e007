/** The app of `leaking-app.ts`, in a worker with an old space of 64 MiB. Ends on SIGTERM. */
import { Worker } from 'node:worker_threads';

const worker = new Worker(
  new URL(import.meta.url.endsWith('.ts') ? './leaking-app.ts' : './leaking-app.js', import.meta.url),
  {
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 6 },
  },
);
process.on('SIGTERM', () => void worker.terminate());
