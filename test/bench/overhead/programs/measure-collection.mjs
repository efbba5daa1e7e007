import { setTimeout as wait } from 'node:timers/promises';
import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { collectDefaultMetrics, register } from 'prom-client';
import { createPullProvider } from './pull-provider.mjs';
import { readCpuUs } from './cpu-clock.mjs';

/** Prints the CPU µs of each collection by one variant. */
const WARM_UP = 30;
const COUNT = 150;
/** runtime-node exports its delay only after five of its 10 ms ticks, and the reading of them is what costs. */
const BETWEEN_MS = 70;

const START = {
  sdk: ({ provider }) => {
    const gauge = provider.getMeter('bench').createObservableGauge('bench.constant');
    gauge.addCallback((result) => result.observe(1));
  },
  plugin: ({ provider }) => new HeapfloorInstrumentation().setMeterProvider(provider),
  pluginAll: ({ provider }) =>
    new HeapfloorInstrumentation({ semconv: 'all', windowSeconds: 15 }).setMeterProvider(provider),
  runtimeNode: ({ provider }) => new RuntimeNodeInstrumentation().setMeterProvider(provider),
};

const [name] = process.argv.slice(2);
const collect = start(name);
const costsUs = [];
for (let turn = 0; turn < WARM_UP + COUNT; turn++) {
  await wait(BETWEEN_MS);
  const beganUs = readCpuUs();
  await collect();
  if (turn >= WARM_UP) costsUs.push(readCpuUs() - beganUs);
}
process.stdout.write(`${JSON.stringify(costsUs)}\n`);
process.exit(0);

function start(name) {
  if (name === 'promClient') {
    collectDefaultMetrics();
    return () => register.metrics();
  }
  const pull = createPullProvider();
  START[name](pull);
  return pull.collect;
}
