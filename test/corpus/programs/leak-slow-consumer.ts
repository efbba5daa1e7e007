/** A queue whose consumer is a little slower than its producer: the backlog only grows. */
import { makeRows, makeText } from '../make-records.ts';

interface Job {
  readonly id: number;
  readonly payload: string;
}

const tariffs = makeRows(40);
const queue: Job[] = [];
let invoiced = 0;

function produce(id: number): void {
  for (let count = 0; count < 10; count += 1) queue.push({ id, payload: makeText(6000) });
}

function consume(): void {
  for (let count = 0; count < 5; count += 1) {
    const job = queue.shift();
    if (job === undefined) return;
    invoiced += job.payload.length + (tariffs[job.id % tariffs.length]?.id ?? 0);
  }
}

let id = 0;
setInterval(() => produce((id += 1)), 20);
setInterval(consume, 20);
setInterval(() => {
  if (Number.isNaN(invoiced)) throw new Error('an invoice without an amount');
}, 1000);
