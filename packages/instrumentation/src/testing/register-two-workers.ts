/**
 * Two workers that keep 5 and 20 MiB, with limits of 64 and 128 MiB, the second of which has a worker of its own. Each
 * thread collects its old space again and again. A word on stdin terminates the first one, the next one ends the app.
 */
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { forceMajorGc } from './force-gc.ts';

const MIB = 1024 * 1024;
const WORKERS = [
  { name: 'small', keptMib: 5, limitMib: 64, hasChild: false },
  { name: 'large', keptMib: 20, limitMib: 128, hasChild: true },
];
type Plan = Pick<(typeof WORKERS)[number], 'keptMib' | 'hasChild'>;

if (isMainThread) await main();
else work(workerData as Plan);

async function main(): Promise<void> {
  const workers = WORKERS.map(({ name, limitMib, ...plan }) => start(name, limitMib, plan));
  await once(process.stdin, 'data');
  const startMs = performance.now();
  await workers[0]?.terminate();
  process.stdout.write(`terminated=${Math.round(performance.now() - startMs)}\n`);
  await once(process.stdin, 'data');
  process.exit(0);
}

function start(name: string, limitMib: number, plan: Plan): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: limitMib };
  return new Worker(new URL(import.meta.url), { name, resourceLimits, workerData: plan });
}

function work({ keptMib, hasChild }: Plan): void {
  if (hasChild) start('inner', 32, { keptMib: 1, hasChild: false });
  const kept = Array.from({ length: keptMib * 16 }, () =>
    Array.from({ length: MIB / 16 / 8 }, (_, n) => n + 0.5),
  );
  setInterval(() => {
    forceMajorGc();
    if (kept.length === 0) process.exit(1);
  }, 60);
}
