import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { collectDefaultMetrics } from 'prom-client';
import { createPullProvider } from './pull-provider.mjs';
import { readCpuUs } from './cpu-clock.mjs';

/**
 * Prints the CPU µs per forced minor GC of each block by one variant, in a process that has few GCs: there ours records each
 * one exactly, which it does not in a storm. The mean of a block, because the record is taken once per second.
 */
const BLOCKS = 10;
const GCS = 10;
/** Below the 10 GCs per second that count as few. */
const BETWEEN_MS = 110;

const START = {
  none: () => {},
  plugin: (provider) => new HeapfloorInstrumentation().setMeterProvider(provider),
  runtimeNode: (provider) => new RuntimeNodeInstrumentation().setMeterProvider(provider),
  promClient: () => collectDefaultMetrics(),
};

const [name] = process.argv.slice(2);
const { provider } = createPullProvider();
START[name](provider);
await measureBlock();
const costsUs = [];
for (let block = 0; block < BLOCKS; block++) costsUs.push(await measureBlock());
process.stdout.write(`${JSON.stringify(costsUs)}\n`);
process.exit(0);

async function measureBlock() {
  let costUs = 0;
  for (let count = 0; count < GCS; count++) {
    const beganUs = readCpuUs();
    globalThis.gc({ type: 'minor' });
    // An observer gets its entries in a turn of the loop; what timers do until the next GC is no part of this one.
    await nextTurn();
    await nextTurn();
    costUs += readCpuUs() - beganUs;
    await wait(BETWEEN_MS);
  }
  return costUs / GCS;
}
