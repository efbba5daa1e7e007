/** Collects what it measures and drops it all at each report, again and again. */
import { makeRow, makeRows, type Row } from '../make-records.ts';

const sensors = makeRows(22);
let collected: Row[] = [];

function measure(): void {
  for (let count = 0; count < 120; count += 1) collected.push(makeRow(sensors[count]?.id ?? count));
  // 38 MiB
  if (collected.length > 19_500) collected = [];
}

const timer = setInterval(measure, 20);
setTimeout(() => clearInterval(timer), 28_000);
