/** Now and then a report that allocates 300 MiB in a second and keeps nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeRows, makeText } from '../make-records.ts';

const facts = makeRows(60);

async function report(): Promise<number> {
  let bytes = 0;
  let window: string[] = [];
  for (let round = 0; round < 50; round += 1) {
    window = [...window.slice(-600), ...Array.from({ length: 600 }, () => makeText(10_000))];
    bytes += window.length;
    await delay(20);
  }
  return bytes + facts.length;
}

for (let day = 0; day < 5; day += 1) {
  await report();
  await delay(4000);
}
