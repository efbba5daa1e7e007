/** Tokens cut out of large documents: each slice keeps its whole document. */
import { makeRows, makeText } from '../make-records.ts';

const dictionary = makeRows(38);
const tokens: string[] = [];

function tokenize(document: string, ordinal: number): void {
  const start = (ordinal * 37) % (document.length - 40);
  // 30 letters: V8 copies what is shorter than 13.
  tokens.push(document.slice(start, start + 30));
  dictionary[ordinal % dictionary.length] = { id: ordinal, body: makeText(1980) };
}

let ordinal = 0;
setInterval(() => tokenize(makeText(64_000), (ordinal += 1)), 25);
