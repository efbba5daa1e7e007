import { FloorTracker } from './floor-tracker.ts';
import { GcObserver } from './gc-observer.ts';
import { getHeapStatistics } from 'node:v8';
const limitBytes = getHeapStatistics().heap_size_limit;
let minors = 0, minorMs = 0, majors = 0, rotMs = 0, rots = 0;
const mode = process.env['MODE'];
const tracker = new FloorTracker({ limitBytes, exactFloor: mode !== 'off', onRotation: (ms) => { rots++; rotMs += ms; } });
if (mode !== 'bare') tracker.start();
const obs = new GcObserver((entries, now) => {
  for (const e of entries) { if (e.type === 'minor') { minors++; minorMs += e.durationMs; } else if (e.type === 'major') majors++; }
  if (mode !== 'bare') tracker.onBatch(entries, now);
});
obs.start();
const keep: unknown[] = (globalThis as any).keep = [];
const fill = Number(process.env['FILL_MB'] ?? 150);
for (let i = 0; i < fill * 1024; i++) keep.push(new Array(126).fill(i));
const rate = Number(process.env['RATE'] ?? 40);  // MB per s of young garbage
const turnMs = Number(process.env['TURN'] ?? 10);
let sink: unknown;
setInterval(() => { const n = rate * 1024 * 1024 * turnMs / 1000 / 1024; for (let i = 0; i < n; i++) sink = new Array(126).fill(i); }, turnMs);
const t0 = Date.now();
let lastCpu = process.cpuUsage();
setInterval(() => {
  const c = process.cpuUsage(lastCpu); lastCpu = process.cpuUsage();
  console.log(mode, process.version, `t=${Math.round((Date.now() - t0) / 1000)} minors=${minors} us/minor=${(minorMs * 1000 / Math.max(1,minors)).toFixed(0)} majors=${majors} rots=${rots} rotMs=${rotMs.toFixed(1)} cpuMs=${((c.user + c.system) / 1000).toFixed(0)} rssMB=${(process.memoryUsage.rss() / 1048576).toFixed(1)} armed=${tracker.isExact} heap=${(getHeapStatistics().used_heap_size/limitBytes).toFixed(2)}`);
  minors = 0; minorMs = 0; rots = 0; rotMs = 0;
}, 20000);
setTimeout(() => process.exit(0), 105000);
