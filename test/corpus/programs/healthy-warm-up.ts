/** Fills its tables for ten seconds and then serves from them. */
import { makeRow, makeRows, makeText, type Row } from '../make-records.ts';

const WANTED = 31_000;
const table: Row[] = makeRows(4);
let served = 0;

function warmUp(): void {
  for (let count = 0; count < 55 && table.length < WANTED; count += 1) table.push(makeRow(table.length));
}

function serve(): void {
  for (let count = 0; count < 20; count += 1) {
    const row = table[(served * 7) % table.length];
    served += `${row?.body}${makeText(6000)}`.length > 0 ? 1 : 0;
    table[(served * 11) % table.length] = makeRow(served);
  }
}

const timers = [setInterval(warmUp, 20), setInterval(serve, 20)];
setTimeout(() => timers.forEach((timer) => clearInterval(timer)), 30_000);
