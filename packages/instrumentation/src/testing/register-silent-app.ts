/** Closes its stderr and opens a file that gets the number; prints what has been written into that. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'heapfloor-silent-'));
closeSync(2);
const fd = openSync(join(directory, 'data'), 'w');
setTimeout(() => {
  process.stdout.write(`fd=${fd} data=${JSON.stringify(readFileSync(join(directory, 'data'), 'utf8'))}\n`);
  rmSync(directory, { recursive: true });
}, 600);
