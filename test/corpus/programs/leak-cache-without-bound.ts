/** A cache "with LRU order" whose eviction compares with the wrong bound, beside much short-lived garbage. */
import { makeRows, makeText } from '../make-records.ts';

const MAX_ENTRIES = Number.POSITIVE_INFINITY;
const products = makeRows(52);
const cache = new Map<string, string>();
const seen = new Set<string>();

function render(url: string): string {
  const hit = cache.get(url);
  if (hit !== undefined) {
    cache.delete(url);
    cache.set(url, hit);
    return hit;
  }
  const page = makeText(9000);
  cache.set(url, page);
  seen.add(url);
  if (cache.size > MAX_ENTRIES) cache.delete(cache.keys().next().value ?? '');
  return page;
}

let count = 0;
setInterval(() => {
  for (let hit = 0; hit < 2; hit += 1) render(`/product/${(count += 1)}?ref=${Date.now()}`);
  products[count % products.length] = { id: count, body: makeText(1980) };
  for (let part = 0; part < 40; part += 1) makeText(4000);
}, 20);
