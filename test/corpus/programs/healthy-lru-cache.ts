/** A cache with a bound that holds: it fills to its 25,000 entries and evicts the oldest from then on. */
import { makeRow, type Row } from '../make-records.ts';

const MAX_ENTRIES = 25_000;
const cache = new Map<number, Row>();

function load(id: number): Row {
  const row = makeRow(id);
  cache.set(id, row);
  const oldest = cache.keys().next();
  if (cache.size > MAX_ENTRIES && oldest.done !== true) cache.delete(oldest.value);
  return row;
}

let id = 0;
const timer = setInterval(() => {
  for (let count = 0; count < 50; count += 1) load((id += 1));
}, 20);
setTimeout(() => clearInterval(timer), 32_000);
