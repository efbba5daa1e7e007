/** A control thread with nothing but an inspector; says what happens on stdout, past the main thread, which may be paused. */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { openInspector, type InspectorOptions } from './open-inspector.ts';
import { createSessionLatch } from './session-latch.ts';

const data = workerData as { options: Omit<InspectorOptions, 'log' | 'latch'>; latch: SharedArrayBuffer };
const say = (type: string, value: unknown): number => writeSync(1, `${JSON.stringify({ type, value })}\n`);
const opened = await openInspector({
  ...data.options,
  latch: createSessionLatch(data.latch),
  log: (event, fields) => say('log', { event, ...fields }),
});
parentPort?.on('message', () => void opened.close('stopped'));
say('access', opened.access);
const rssTimer = setInterval(() => say('rss', process.memoryUsage.rss()), 100);
say('end', await opened.closed);
clearInterval(rssTimer); // the thread stays, as the real one does: its end would end the session too
