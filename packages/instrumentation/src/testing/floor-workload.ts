/**
 * Runs one workload for some seconds and says which floors were read, as JSON on its last line. Started with
 * `--trace-gc`, whose figures are the truth to compare with.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { FloorTracker } from '../floor/floor-tracker.ts';
import { GcObserver } from '../floor/gc-observer.ts';
import { readOldSpaceLimit } from '../limit/read-limit.ts';
import { blockLoop } from './block-loop.ts';

/** A thousand doubles. */
const ARRAY_BYTES = 8016;
const [, , workload = '', seconds = '10'] = process.argv;
const endMs = Date.now() + Number(seconds) * 1000;
const limit = readOldSpaceLimit();
const readings: [majorOrdinal: number, bytes: number, method: string][] = [];

const tracker = new FloorTracker({
  limitBytes: limit.bytes,
  onReading: ({ bytes, method }, majorOrdinal) => readings.push([majorOrdinal, bytes, method]),
});
const observer = new GcObserver((entries, nowMs) => void tracker.onBatch(entries, nowMs));

const WORKLOADS: Readonly<Record<string, () => Promise<void>>> = {
  server,
  sawtooth,
  blocked,
  'slow-leak': slowLeak,
};

observer.start();
await WORKLOADS[workload]?.();
// The entry of the last GC is still on its way.
await delay(100);
observer.stop();
process.stdout.write(
  `\n${JSON.stringify({ limitBytes: limit.bytes, readings, ...tracker.state.discarded })}\n`,
);

/** Small requests with pauses between them, over a cache of 60 % of the limit. */
async function server(): Promise<void> {
  const cache = arrays(share(0.6));
  const recent: number[][] = [];
  for (let count = 0; Date.now() < endMs; count += 1) {
    recent.push(...arrays(20));
    recent.splice(0, recent.length - 1000);
    cache[count % cache.length] = recent[0] ?? [];
    await delay(1);
  }
}

/** Collects up to 75 % of the limit and drops it all, again and again. */
async function sawtooth(): Promise<void> {
  let batch: number[][] = [];
  while (Date.now() < endMs) {
    batch.push(...arrays(share(0.01)));
    if (batch.length > share(0.75)) batch = [];
    await delay(5);
  }
}

/** Work of 1.5 s in one turn, with several major GCs in it, over a cache of 55 % of the limit. */
async function blocked(): Promise<void> {
  const cache = arrays(share(0.55));
  const recent: number[][] = [];
  while (Date.now() < endMs) {
    for (let round = 0; round < 30; round += 1) {
      recent.push(...arrays(100));
      recent.splice(0, recent.length - 1500);
      blockLoop(40);
    }
    cache[0] = recent[0] ?? [];
    await delay(50);
  }
}

/** From nothing to 85 % of the limit, in small steps, with garbage beside it. */
async function slowLeak(): Promise<void> {
  const kept: number[][] = [];
  const recent: number[][] = [];
  const beganMs = Date.now();
  while (Date.now() < endMs) {
    const wanted = (share(0.85) * (Date.now() - beganMs)) / (endMs - beganMs);
    kept.push(...arrays(wanted - kept.length));
    recent.push(...arrays(30));
    recent.splice(0, recent.length - 600);
    await delay(5);
  }
}

function share(ofLimit: number): number {
  return (ofLimit * limit.bytes) / ARRAY_BYTES;
}

function arrays(count: number): number[][] {
  const length = Math.max(0, Math.ceil(count));
  return Array.from({ length }, () => Array.from({ length: 1000 }, (_, index) => index + 0.5));
}
