import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArtifactFile, ReservedFile } from './artifact-file.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-artifact-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const WHOLE = '{"snapshot":{},"strings":["a"]}';

describe('an artifact that we write', () => {
  it('has its name only when it is whole', () => {
    const file = new ArtifactFile(directory, 'a.json');
    file.write('{"a":');
    expect(readdirSync(directory)).toEqual(['a.json.tmp']);
    file.write('"ü"}');
    expect(file.finish()).toEqual({
      sizeBytes: 10,
      sha256: createHash('sha256').update('{"a":"ü"}').digest('hex'),
    });
    file.discard();
    expect(readdirSync(directory)).toEqual(['a.json']);
  });

  it('is not written over one that is being written', () => {
    const first = new ArtifactFile(directory, 'a.json');
    expect(() => new ArtifactFile(directory, 'a.json')).toThrow('EEXIST');
    first.discard();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('an artifact that V8 writes', () => {
  it('gets its name, size and hash when it was found whole', async () => {
    const file = new ReservedFile(directory, 'a.heapsnapshot');
    const text = `{"nodes":[${'1,'.repeat(2 ** 20)}1],"strings":["a"]}\n`;
    writeFileSync(file.temporaryPath, text);
    expect(await file.finish()).toEqual({
      sizeBytes: text.length,
      sha256: createHash('sha256').update(text).digest('hex'),
    });
    expect(readdirSync(directory)).toEqual(['a.heapsnapshot']);
    expect(readFileSync(join(directory, 'a.heapsnapshot'), 'utf8')).toBe(text);
  });

  it.each([
    ['was cut short', '{"snapshot":{},"strings":["a"'],
    ['is empty', ''],
    ['ends in the middle, with the brace of an inner object', '{"snapshot":{"meta":{}}'],
  ])('is refused where it %s', async (_name, text) => {
    const file = new ReservedFile(directory, 'a.heapsnapshot');
    writeFileSync(file.temporaryPath, text);
    await expect(file.finish()).rejects.toThrow(
      `a.heapsnapshot.tmp was cut short after ${text.length} bytes: it lacks the closing brace`,
    );
    file.discard();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is refused where others may read it', async () => {
    const file = new ReservedFile(directory, 'a.heapsnapshot');
    writeFileSync(file.temporaryPath, WHOLE);
    chmodSync(file.temporaryPath, 0o644);
    await expect(file.finish()).rejects.toThrow('has mode 644 instead of 600');
  });

  it('is refused where a link has taken its place', async () => {
    const file = new ReservedFile(directory, 'a.heapsnapshot');
    writeFileSync(join(directory, 'other'), WHOLE, { mode: 0o600 });
    rmSync(file.temporaryPath);
    symlinkSync(join(directory, 'other'), file.temporaryPath);
    await expect(file.finish()).rejects.toThrow('ELOOP');
  });

  it('is not reserved where a link waits in its place', () => {
    symlinkSync(join(directory, 'other'), join(directory, 'a.heapsnapshot.tmp'));
    expect(() => new ReservedFile(directory, 'a.heapsnapshot')).toThrow('EEXIST');
  });
});
