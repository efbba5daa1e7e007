/** Undo steps as closures: each one keeps the whole state that it would restore. Fast. */
import { makeRows, type Row } from '../make-records.ts';

const initial = makeRows(35);
const undo: (() => readonly Row[])[] = [];
let state: readonly Row[] = initial;

function edit(): void {
  const previous = state;
  const copied = makeRows(0.15);
  state = copied;
  undo.push(() => previous);
}

setInterval(edit, 50);

/** What a user does now and then: the last step comes back, and all others stay. */
setInterval(() => {
  state = undo.at(-1)?.() ?? initial;
}, 1000);
