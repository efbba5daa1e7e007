import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const CURRENT_FILE = 'audit.jsonl';

/** `audit.<number>.jsonl`, the oldest first, and the current one at the end. */
export function listAuditFiles(directory: string): string[] {
  const names = readdirSync(directory);
  const rotated = names
    .flatMap((name) => {
      const number = /^audit\.([0-9]{1,9})\.jsonl$/.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .toSorted((a, b) => a.number - b.number)
    .map(({ name }) => join(directory, name));
  return names.includes(CURRENT_FILE) ? [...rotated, join(directory, CURRENT_FILE)] : rotated;
}

/** The file that the current one becomes. */
export function nextRotatedFile(directory: string): string {
  const numbers = readdirSync(directory).map((name) =>
    Number(/^audit\.([0-9]{1,9})\.jsonl$/.exec(name)?.[1] ?? 0),
  );
  return join(directory, `audit.${Math.max(0, ...numbers) + 1}.jsonl`);
}

export function hashLine(line: Buffer | string): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Lines as bytes, without their line breaks; the last is what stands behind the last line break. */
export function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}
