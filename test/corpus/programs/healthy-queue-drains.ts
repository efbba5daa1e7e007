/** A queue that fills while the peer is away and drains when it is back. */
import { makeRow, makeRows, type Row } from '../make-records.ts';

const addresses = makeRows(38);
const queue: Row[] = [];
let sent = 0;
let ticks = 0;

function isPeerAway(): boolean {
  return ticks % 600 < 400;
}

const timer = setInterval(() => {
  ticks += 1;
  for (let count = 0; count < 36; count += 1) queue.push(makeRow(addresses[count]?.id ?? count));
  if (!isPeerAway()) sent += queue.splice(0, 140).length;
}, 20);

setTimeout(() => {
  clearInterval(timer);
  console.log(`${sent} sent`);
}, 33_000);
