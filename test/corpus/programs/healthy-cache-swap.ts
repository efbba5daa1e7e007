/** Rebuilds its cache beside the old one and swaps them: for some seconds both are there. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeRows, makeText, type Row } from '../make-records.ts';

const recent: string[] = [];
let cache: Row[] = makeRows(38);

async function serve(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let count = 0; count < 70; count += 1) recent.push(makeText(6000));
    recent.splice(0, recent.length - 1300);
    cache[round % cache.length] = { id: round, body: makeText(1980) };
    await delay(20);
  }
}

async function rebuild(): Promise<void> {
  const next = makeRows(36);
  await serve(125);
  cache = next;
}

for (let round = 0; round < 2; round += 1) {
  await serve(380);
  await rebuild();
}
await serve(250);
