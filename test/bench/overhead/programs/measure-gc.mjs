import { setImmediate as nextTurn } from 'node:timers/promises';
import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { collectDefaultMetrics } from 'prom-client';
import { createPullProvider } from './pull-provider.mjs';
import { readCpuUs } from './cpu-clock.mjs';

/**
 * Prints the CPU µs per forced minor GC of each block, by arm. The arms take turns in one process: two processes differ by
 * more than an observer costs. prom-client cannot be switched off, so it comes last, after a block of nothing.
 */
const BLOCKS = 25;
const GCS = 200;
const SETTLING_GCS = 4;

const { provider } = createPullProvider();
const ours = new HeapfloorInstrumentation({ enabled: false });
const theirs = new RuntimeNodeInstrumentation({ enabled: false });
for (const one of [ours, theirs]) one.setMeterProvider(provider);
const ARMS = { none: null, plugin: ours, runtimeNode: theirs, again: null };

const costsUs = { none: [], plugin: [], runtimeNode: [], again: [], promClient: [] };
for (const arm of Object.values(ARMS)) await measureBlock(arm);
for (let block = 0; block < BLOCKS; block++) {
  for (const [name, arm] of Object.entries(ARMS)) costsUs[name].push(await measureBlock(arm));
}
collectDefaultMetrics();
await measureBlock(null);
for (let block = 0; block < BLOCKS; block++) costsUs.promClient.push(await measureBlock(null));
process.stdout.write(`${JSON.stringify(costsUs)}\n`);
process.exit(0);

async function measureBlock(arm) {
  // What an arm leaves registered with V8 until a major GC must not be paid by the next one.
  globalThis.gc();
  await nextTurn();
  arm?.enable();
  // The objects that enabling has made are moved twice by minor GCs, then no more.
  for (let count = 0; count < SETTLING_GCS; count++) await collectMinor();
  const beganUs = readCpuUs();
  for (let count = 0; count < GCS; count++) await collectMinor();
  const costUs = (readCpuUs() - beganUs) / GCS;
  arm?.disable();
  return costUs;
}

async function collectMinor() {
  globalThis.gc({ type: 'minor' });
  // An observer gets its entries in a turn of the loop.
  await nextTurn();
}
