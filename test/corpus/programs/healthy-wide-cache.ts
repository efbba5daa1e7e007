/** A cache bounded close below the threshold, whose entries are replaced in random order. */
import { makeRows, makeText } from '../make-records.ts';

const cache = makeRows(60);

function refresh(): void {
  const index = Math.floor(Math.random() * cache.length);
  cache[index] = { id: index, body: makeText(1980) };
}

const timer = setInterval(() => {
  for (let count = 0; count < 60; count += 1) refresh();
}, 20);
setTimeout(() => clearInterval(timer), 28_000);
