import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';
import { createPullProvider } from './pull-provider.mjs';
import { readCpuUs } from './cpu-clock.mjs';

/**
 * Prints the CPU ms of each period with 10 k sockets and 10 k timers: our timers' work in it, and one collection. Prints
 * null where the limit of open files is too low.
 */
const SOCKETS = 10_000;
const TIMERS = 10_000;
const BATCH = 200;
const PERIODS = 10;
/** The shortest window there is, so that each period holds one count of the handles. */
const WINDOW_SECONDS = 1;
const FAR_MS = 3_600_000;

const sockets = await openPairs(SOCKETS / 2).catch((error) => {
  if (error.code !== 'EMFILE') throw error;
  process.stdout.write('null\n');
  process.exit(0);
});
const timers = Array.from({ length: TIMERS }, () => setTimeout(() => {}, FAR_MS));
const { provider, collect } = createPullProvider();
const noneMs = await measurePeriods(async () => {});
new HeapfloorInstrumentation({ semconv: 'all', windowSeconds: WINDOW_SECONDS }).setMeterProvider(provider);
// The first ones compile; a service makes one each 15 s for weeks.
await measurePeriods(collect);
const oursMs = await measurePeriods(collect);
const { resourceMetrics } = await collect();
process.stdout.write(
  `${JSON.stringify({ sockets: sockets.length, timers: timers.length, noneMs, oursMs, counted: readCounts(resourceMetrics) })}\n`,
);
process.exit(0);

async function openPairs(count) {
  const opened = [];
  const server = createServer((socket) => opened.push(socket)).listen({
    port: 0,
    host: '127.0.0.1',
    backlog: BATCH,
  });
  await once(server, 'listening');
  const { port } = server.address();
  for (let done = 0; done < count; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - done) }, () => connect(port, '127.0.0.1'));
    await Promise.all(batch.map((socket) => once(socket, 'connect')));
    opened.push(...batch);
  }
  while (opened.length < count * 2) await wait(10);
  return opened;
}

async function measurePeriods(collect) {
  const costsMs = [];
  for (let period = 0; period < PERIODS; period++) {
    const beganUs = readCpuUs();
    await wait(WINDOW_SECONDS * 1000);
    await collect();
    costsMs.push((readCpuUs() - beganUs) / 1000);
  }
  return costsMs;
}

/** What our metrics say, by type: proof that the handles were counted in this. */
function readCounts({ scopeMetrics }) {
  const metrics = scopeMetrics.flatMap((scope) => scope.metrics);
  const active = metrics.find(({ descriptor }) => descriptor.name === 'v8js.resource.active');
  const points = active?.dataPoints ?? [];
  return Object.fromEntries(points.map(({ attributes, value }) => [attributes['v8js.resource.type'], value]));
}
