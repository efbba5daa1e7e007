/** An hourly batch, told in seconds: it loads its whole input, works on it for two seconds and drops it. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeRows, makeText, type Row } from '../make-records.ts';

const customers = makeRows(30);
const recent: string[] = [];

async function work(rounds: number, input: readonly Row[]): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const row = input[round % input.length];
    for (let count = 0; count < 60; count += 1) recent.push(`${row?.id}`, makeText(6000));
    recent.splice(0, recent.length - 1600);
    await delay(20);
  }
}

async function runBatch(): Promise<void> {
  await work(110, makeRows(41));
}

for (let hour = 0; hour < 3; hour += 1) {
  await work(280, customers);
  await runBatch();
}
await work(200, customers);
