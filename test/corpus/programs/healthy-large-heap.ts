/** A large data set in memory for the whole life, with small queries on it. */
import { makeRows, makeText } from '../make-records.ts';

const rows = makeRows(262);
let found = 0;

function query(): void {
  for (let count = 0; count < 30; count += 1) {
    const row = rows[Math.floor(Math.random() * rows.length)];
    found += `${row?.id}:${makeText(8000)}`.length;
  }
  rows[found % rows.length] = { id: found, body: makeText(1980) };
}

const timer = setInterval(query, 20);
setTimeout(() => clearInterval(timer), 26_000);
