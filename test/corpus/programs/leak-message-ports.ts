/** A channel per task whose ports are never closed: handles, each with the task's state behind its listener. */
import { MessageChannel } from 'node:worker_threads';
import { makeRows, makeText } from '../make-records.ts';

const plans = makeRows(94);

function startTask(id: number): void {
  const state = { id, plan: plans[id % plans.length], log: makeText(22_000) };
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (step: number) => {
    state.id = step;
  });
  port2.postMessage(id);
}

let id = 0;
setInterval(() => startTask((id += 1)), 20);
