/**
 * An app with a heap of records, as a leak of sessions makes it. Tells its parent how long its event loop stood still
 * between `begin` and `end`; `plain` takes a snapshot the way people do by hand.
 */
import { writeHeapSnapshot } from 'node:v8';

const MIB = 2 ** 20;
const wantedBytes = Number(process.env.BENCH_HEAP_MIB) * MIB;

const createSession = (index) => ({
  id: `session-${index}`,
  user: { name: `user ${index}`, roles: ['reader', `group-${index % 50}`] },
  seen: [index, index + 1],
  created: new Date(index),
});

globalThis.sessions = [];
while (process.memoryUsage().heapUsed < wantedBytes) {
  for (let count = 0; count < 10_000; count += 1)
    globalThis.sessions.push(createSession(globalThis.sessions.length));
}

let lastMs = performance.now();
let longestMs = 0;
setInterval(() => {
  const nowMs = performance.now();
  longestMs = Math.max(longestMs, nowMs - lastMs - 5);
  lastMs = nowMs;
}, 5);

process.on('message', ({ type, path }) => {
  if (type === 'begin') {
    longestMs = 0;
    process.send({ type: 'begun', heapUsedBytes: process.memoryUsage().heapUsed });
  } else if (type === 'plain') {
    writeHeapSnapshot(path);
    process.send({ type: 'taken' });
  } else if (type === 'end') {
    // The turn after a stall has to be measured first.
    setTimeout(() => process.send({ type: 'ended', stallMs: longestMs }), 20);
  }
});
process.send({ type: 'filled' });
