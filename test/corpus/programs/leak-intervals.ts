/** A heartbeat per client, by setInterval, that is not cleared when the client leaves. */
import { makeRows, makeText } from '../make-records.ts';

interface Client {
  readonly id: number;
  readonly history: string[];
  isGone: boolean;
}

const dictionary = makeRows(50);

function connect(id: number): Client {
  const client = { id, history: [makeText(25_000)], isGone: false };
  setInterval(() => {
    if (!client.isGone) client.history.push(dictionary[id]?.body ?? '');
  }, 30_000);
  return client;
}

let count = 0;
setInterval(() => {
  const client = connect((count += 1));
  setTimeout(() => {
    client.isGone = true;
  }, 100);
}, 25);
