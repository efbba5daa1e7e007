/** Large short-lived responses over a small base, with the young generation of a large host. */
import { makeRows, makeText } from '../make-records.ts';

const products = makeRows(72);
let bytesSent = 0;

function respond(): void {
  const parts: string[] = [];
  for (let index = 0; index < 60; index += 1) parts.push(makeText(9000), products[index]?.body ?? '');
  bytesSent += parts.join('\n').length;
}

const timer = setInterval(respond, 20);
setTimeout(() => {
  clearInterval(timer);
  console.log(`${bytesSent} bytes`);
}, 26_000);
