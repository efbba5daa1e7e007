import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLineWriter } from './write-line.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heapfloor-line-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (name: string): string => join(directory, name);

describe('createLineWriter', () => {
  it('writes one line, however long and in how many lines it is said', () => {
    const fd = openSync(path('stderr'), 'w');
    createLineWriter(fd)(`CODE: two\nlines ${'x'.repeat(2000)}`);
    closeSync(fd);
    const text = readFileSync(path('stderr'), 'utf8');
    expect(text).toMatch(/^heapfloor: CODE: two lines x+\n$/);
    expect(text.length).toBeLessThan(1020);
  });

  it('does not write into the file that got the number of a closed stderr', () => {
    const fd = openSync(path('stderr'), 'w');
    const write = createLineWriter(fd);
    closeSync(fd);
    expect(openSync(path('data'), 'w')).toBe(fd);
    write('CODE: text');
    closeSync(fd);
    expect(readFileSync(path('data'), 'utf8')).toBe('');
  });

  it('is silent where stderr is closed', () => {
    const fd = openSync(path('stderr'), 'w');
    const write = createLineWriter(fd);
    closeSync(fd);
    expect(() => write('CODE: text')).not.toThrow();
    expect(() => createLineWriter(fd)('CODE: text')).not.toThrow();
  });
});
