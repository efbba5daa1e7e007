/** Requests that wait for an answer which never comes: the promise, its resolver and what it closes over stay. */
import { makeRows, makeText } from '../make-records.ts';

const routes = makeRows(45);
const waiting = new Map<number, (answer: string) => void>();

async function ask(id: number): Promise<number> {
  const question = makeText(50_000);
  const answer = await new Promise<string>((resolve) => waiting.set(id, resolve));
  return question.length + answer.length;
}

function answer(id: number): void {
  waiting.get(id)?.(routes[id % routes.length]?.body ?? '');
  waiting.delete(id);
}

let id = 0;
setInterval(() => {
  id += 1;
  void ask(id);
  // Every fifth peer answers.
  if (id % 5 === 0) answer(id);
}, 20);
