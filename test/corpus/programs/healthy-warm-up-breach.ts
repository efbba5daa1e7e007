/** Builds an index at start: for some seconds the source and the index are both there, then only the index is. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeRows, makeText, type Row } from '../make-records.ts';

const index = new Map<number, Row>();

async function buildIndex(source: Row[]): Promise<void> {
  for (let round = 0; round < 140; round += 1) {
    for (const row of source.slice(round * 100, round * 100 + 100)) index.set(row.id, row);
    tokenize();
    await delay(20);
  }
}

/** Terms that live until the next rounds: garbage of the old generation. */
const recentTerms: string[] = [];
function tokenize(): void {
  for (let count = 0; count < 60; count += 1) recentTerms.push(makeText(6000));
  recentTerms.splice(0, recentTerms.length - 1000);
}

async function serve(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    tokenize();
    await delay(20);
  }
}

await serve(150);
await buildIndex(makeRows(69));
await serve(900);
