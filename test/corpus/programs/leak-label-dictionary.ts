/** Counters by label in a plain object, where one label is the full URL: a new key for every visitor. */
import { makeRows, makeText } from '../make-records.ts';

interface Series {
  readonly labels: string;
  readonly buckets: number[];
  count: number;
}

const users = makeRows(30);
const series: Record<string, Series> = {};

function observe(url: string, seconds: number): void {
  const found = (series[url] ??= {
    labels: makeText(3000),
    buckets: Array.from({ length: 12 }, (_, index) => index + 0.5),
    count: 0,
  });
  found.count += 1;
  found.buckets[Math.floor(seconds * 12)] = seconds;
}

let visitor = 0;
setInterval(() => {
  for (let count = 0; count < 11; count += 1) {
    visitor += 1;
    observe(`/cart/${users[visitor % users.length]?.id}/${visitor}`, Math.random());
  }
}, 20);
