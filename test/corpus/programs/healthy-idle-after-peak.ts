/** A short peak above the threshold and then nothing: no garbage collection says that it is over. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeRows, makeText, type Row } from '../make-records.ts';

const base = makeRows(34);
const recent: string[] = [];

async function importFile(): Promise<number> {
  const rows: Row[] = makeRows(36);
  for (let round = 0; round < 100; round += 1) {
    for (let count = 0; count < 50; count += 1) recent.push(makeText(6000));
    recent.splice(0, recent.length - 900);
    await delay(20);
  }
  return rows.length + base.length;
}

await delay(3000);
const imported = await importFile();
recent.length = 0;
await delay(22_000);
console.log(`${imported} rows`);
