/** Search results kept per query in a large process, with the young generation that V8 takes by itself. */
import { makeRows, makeText, type Row } from '../make-records.ts';

interface Result {
  readonly query: string;
  readonly hits: readonly Row[];
}

const documents = makeRows(252);
const results = new Map<string, Result>();

function search(ordinal: number): void {
  const query = `words ${ordinal}`;
  const hits = documents.slice(ordinal % 1000, (ordinal % 1000) + 20);
  results.set(query, { query, hits: hits.map((row) => ({ id: row.id, body: makeText(4000) })) });
}

let ordinal = 0;
setInterval(() => search((ordinal += 1)), 20);
