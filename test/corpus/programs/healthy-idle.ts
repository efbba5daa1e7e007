/** Loads its data and waits for work that does not come. */
import { makeRows } from '../make-records.ts';

const rows = makeRows(45);
const timer = setInterval(() => {
  if (rows.length === 0) throw new Error('the data is gone');
}, 1000);
setTimeout(() => clearInterval(timer), 26_000);
