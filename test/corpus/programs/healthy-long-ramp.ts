/** Looks like a slow leak for half a minute and then stops growing: all users are known. */
import { makeRows, makeText } from '../make-records.ts';

const profiles = new Map<number, string>();
const geography = makeRows(30);

function visit(user: number): void {
  if (!profiles.has(user)) profiles.set(user, makeText(3000));
  geography[user % geography.length] = { id: user, body: makeText(1980) };
}

let visits = 0;
const timer = setInterval(() => {
  for (let count = 0; count < 9; count += 1) visit((visits += 1) % 11_000);
}, 20);
setTimeout(() => clearInterval(timer), 34_000);
