/**
 * Preloaded into a program of the corpus: the product's own floor tracker, which writes to file descriptor 3 what an
 * exporter would send. Written synchronously, so that the last line survives the death of the process.
 */
import { writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createBreachFlush } from '../../../packages/instrumentation/src/breach-flush.ts';
import { FloorTracker } from '../../../packages/instrumentation/src/floor/floor-tracker.ts';
import { GcObserver } from '../../../packages/instrumentation/src/floor/gc-observer.ts';
import { readOldSpaceLimit } from '../../../packages/instrumentation/src/limit/read-limit.ts';
import { SAMPLE_INTERVAL_SECONDS, type Sample } from './sample.ts';

const LINES_FD = 3;

const limitBytes = readOldSpaceLimit().bytes;
const tracker = new FloorTracker({ limitBytes });
const flush = createBreachFlush(async () => write('flush', 0));
const observer = new GcObserver((entries, nowMs) => {
  if (tracker.onBatch(entries, nowMs)) flush();
});

tracker.start();
observer.start();
sampleAt(SAMPLE_INTERVAL_SECONDS);

/** Planned from the start of the process, so that lateness does not add up. */
function sampleAt(dueSeconds: number): void {
  const planned = (): void => {
    write('sample', performance.now() / 1000 - dueSeconds);
    sampleAt(dueSeconds + SAMPLE_INTERVAL_SECONDS);
  };
  setTimeout(planned, dueSeconds * 1000 - performance.now()).unref();
}

function write(kind: Sample['kind'], lateSeconds: number): void {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const { breach, floorBytes } = tracker.state;
  const seconds = performance.now() / 1000;
  const sample: Sample = {
    kind,
    seconds,
    lateSeconds,
    breach,
    floorBytes,
    heapUsed,
    arrayBuffers,
    limitBytes,
  };
  writeSync(LINES_FD, `${JSON.stringify(sample)}\n`);
}
