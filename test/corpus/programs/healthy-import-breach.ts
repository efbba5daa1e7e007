/** An import reads one large file as lines, writes them out in pages and forgets them. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeRow, makeRows, makeText } from '../make-records.ts';

const catalog = makeRows(26);
const written: string[] = [];

function writePage(lines: readonly string[]): void {
  for (const line of lines) written.push(`${catalog.length} ${line}`, makeText(9000));
  written.splice(0, written.length - 1000);
}

async function importFile(): Promise<void> {
  const file = Array.from({ length: 23_500 }, (_, id) => JSON.stringify(makeRow(id)));
  for (let page = 0; page < 135; page += 1) {
    writePage(file.slice(page * 50, page * 50 + 50));
    await delay(20);
  }
}

async function serve(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    writePage(Array.from({ length: 20 }, (_, index) => `row ${index}`));
    await delay(20);
  }
}

await serve(300);
await importFile();
await serve(700);
