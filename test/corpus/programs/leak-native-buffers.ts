/** Uploads kept as Buffers: their bytes are outside of the JS heap, so the heap's floor does not move. */
import { makeRows } from '../make-records.ts';

const users = makeRows(20);
const uploads: Buffer[] = [];

function upload(id: number): void {
  uploads.push(Buffer.alloc(512 * 1024, users[id % users.length]?.body ?? ''));
}

let id = 0;
const timer = setInterval(() => upload((id += 1)), 50);
setTimeout(() => clearInterval(timer), 25_000);
