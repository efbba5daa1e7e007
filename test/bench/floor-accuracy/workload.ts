/**
 * Runs one workload for some seconds and says which floors were read, as JSON on its last line. Started with
 * `--trace-gc --trace-gc-nvp`, whose figures are the truth to compare with.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { FloorTracker } from '../../../packages/instrumentation/src/floor/floor-tracker.ts';
import { GcObserver } from '../../../packages/instrumentation/src/floor/gc-observer.ts';
import { readOldSpaceLimit } from '../../../packages/instrumentation/src/limit/read-limit.ts';
import type { WorkloadReport } from './compare.ts';
import { WORKLOADS } from './workloads.ts';

const [, , workload = '', seconds = '10'] = process.argv;
const run = WORKLOADS[workload];
if (run === undefined) throw new Error(`no workload ${workload}`);

const { bytes: limitBytes } = readOldSpaceLimit();
const majorEndsMs: number[] = [];
const readings: WorkloadReport['readings'][number][] = [];
const rotationsMs: number[] = [];

const tracker = new FloorTracker({
  limitBytes,
  onReading: ({ bytes, method }, ordinal) => readings.push({ ordinal, bytes, method }),
  onRotation: (tookMs) => rotationsMs.push(tookMs),
});
const observer = new GcObserver((entries, nowMs) => {
  tracker.onBatch(entries, nowMs);
  for (const { type, endMs } of entries) if (type === 'major') majorEndsMs.push(endMs);
});
const beganMs = performance.now();
tracker.start();
observer.start();
// A service that has been up for a while: what it fills in its very first turn is not what is measured here.
await delay(5500);
await run({ limitBytes, endMs: Date.now() + Number(seconds) * 1000 });
const endedMs = performance.now();
// The entry of the last GC is still on its way.
await delay(100);
observer.stop();
const { discarded } = tracker.state;
const report: WorkloadReport = {
  limitBytes,
  beganMs,
  endedMs,
  majorEndsMs,
  readings,
  discarded,
  rotationsMs,
};
process.stdout.write(`\n${JSON.stringify(report)}\n`);
