import { linkSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendLine, compactFile, readLines } from './ledger-file.ts';
import { readOwnIdentity } from './process-identity.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-ledger-file-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const SELF = readOwnIdentity();

function path(): string {
  return join(directory, 'shop.jsonl');
}

/** Keeps all but `old`. @param meanwhile - between the reading and the replacing. */
function compact(meanwhile: () => void = () => {}): boolean {
  return compactFile(path(), SELF, (lines) => {
    meanwhile();
    return lines.filter((line) => line !== 'old');
  });
}

const sorted = (): string[] => readLines(path()).toSorted();

describe('a line that is appended while the file is compacted', () => {
  it('is not lost, also over the next compaction', () => {
    for (const line of ['a', 'old']) appendLine(path(), line);
    expect(compact(() => appendLine(path(), 'b'))).toBe(true);
    expect(sorted()).toContain('b');
    expect(compact(() => appendLine(path(), 'c'))).toBe(true);
    expect(compact()).toBe(true);
    expect(sorted()).toEqual(['a', 'b', 'c']);
    expect(readFileSync(path(), 'utf8').split('\n').toSorted()).toEqual(['', 'a', 'b', 'c']);
  });

  it('is not lost when its writer had opened the file two compactions ago', () => {
    appendLine(path(), 'a');
    const answers: boolean[] = [];
    appendLine(path(), 'late', () => {
      if (answers.length === 0) answers.push(compact(), compact());
    });
    expect(answers).toEqual([true, true]);
    expect(sorted()).toEqual(['a', 'late']);
  });

  it('is seen by who reads at that moment', () => {
    appendLine(path(), 'a');
    let isFirst = true;
    const lines = readLines(path(), (file) => {
      if (!isFirst || !file.endsWith('.old')) return;
      isFirst = false;
      compact(() => appendLine(path(), 'b'));
    });
    expect(lines.toSorted()).toEqual(['a', 'b']);
  });
});

describe('a compaction that died', () => {
  it('before its first rename has changed nothing', () => {
    appendLine(path(), 'a');
    compact();
    appendLine(path(), 'b');
    linkSync(path(), `${path()}.next`);
    writeFileSync(`${path()}.tmp`, 'half');
    expect(sorted()).toEqual(['a', 'b']);
    expect(compact()).toBe(true);
    expect(sorted()).toEqual(['a', 'b']);
  });

  it('between its renames has lost nothing', () => {
    appendLine(path(), 'a');
    compact(() => appendLine(path(), 'b'));
    renameSync(`${path()}.old`, `${path()}.next`);
    expect(sorted()).toEqual(['a', 'b']);
    expect([compact(), compact()]).toEqual([true, true]);
    expect(sorted()).toEqual(['a', 'b']);
  });
});

it('of two compactions at once one stands back', () => {
  appendLine(path(), 'a');
  const answers: boolean[] = [];
  answers.push(compact(() => answers.push(compact())));
  expect(answers).toEqual([false, true]);
  expect(readdirSync(directory).toSorted()).toEqual([
    'shop.jsonl',
    'shop.jsonl.compaction.1.json',
    'shop.jsonl.old',
  ]);
});
