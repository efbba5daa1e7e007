/** Each failure becomes the cause of the next one: a chain from the last error back to the first. Slow. */
import { makeRows, makeText } from '../make-records.ts';

class SyncError extends Error {
  readonly response: string;

  constructor(message: string, cause: Error | undefined) {
    super(message, { cause });
    this.response = makeText(17_000);
  }
}

const mirror = makeRows(60);
let lastFailure: Error | undefined;

function sync(id: number): void {
  const row = mirror[id % mirror.length];
  try {
    throw new SyncError(`row ${row?.id} was refused`, lastFailure);
  } catch (error) {
    lastFailure = error as Error;
  }
}

let id = 0;
setInterval(() => sync((id += 1)), 25);
