/** A transcript that grows by `+=`: a rope of small pieces that nobody ever cuts. */
import { makeRows } from '../make-records.ts';

const phrases = makeRows(42);
let transcript = '';

function say(ordinal: number): void {
  const speaker = `speaker ${ordinal % 7}`;
  const words = `${phrases[ordinal % phrases.length]?.body.slice(0, 12)} (${ordinal})`;
  transcript += `${new Date().toISOString()} ${speaker}: ${words}\n`;
}

let ordinal = 0;
setInterval(() => {
  for (let count = 0; count < 160; count += 1) say((ordinal += 1));
  if (transcript.length < 0) throw new Error('a text cannot be shorter than nothing');
}, 20);
