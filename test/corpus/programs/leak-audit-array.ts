/** An audit log in an array: written on every change, shortened by nobody. Slow. */
import { makeRows, makeText } from '../make-records.ts';

interface Change {
  readonly at: number;
  readonly table: string;
  readonly before: string;
  readonly after: string;
}

const documents = makeRows(58);
const audit: Change[] = [];

function change(ordinal: number): void {
  const index = ordinal % documents.length;
  const before = documents[index]?.body ?? '';
  const after = makeText(1980);
  documents[index] = { id: index, body: after };
  audit.push({ at: Date.now(), table: 'documents', before, after });
}

let ordinal = 0;
setInterval(() => {
  for (let count = 0; count < 18; count += 1) change((ordinal += 1));
}, 50);
