import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiskFacts } from '../guards/guard.ts';
import { readDisk } from './read-disk.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'heapfloor-disk-'));
  for (const instance of ['app-1', 'app-2']) mkdirSync(join(base, instance));
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

const own = (): string => join(base, 'app-1');
const write = (path: string, sizeBytes: number): void =>
  writeFileSync(join(base, path), Buffer.alloc(sizeBytes));

describe('readDisk', () => {
  it('counts the files of all instances, and leaves nothing behind', async () => {
    write('app-1/a.heapsnapshot', 1000);
    write('app-1/a.heapsnapshot.manifest.json', 200);
    write('app-2/b.heapprofile.tmp', 30);
    write('ledger.jsonl', 4);
    expect(await readDisk(own(), base)).toMatchObject({ usedBytes: 1234, problem: null });
    expect(readdirSync(own())).toEqual(['a.heapsnapshot', 'a.heapsnapshot.manifest.json']);
  });

  it('says what is free for this user', async () => {
    const { bavail, bsize } = statfsSync(own());
    const { freeBytes } = await readDisk(own(), base);
    // Others write meanwhile.
    expect(Math.abs(freeBytes - bavail * bsize)).toBeLessThan(2 ** 30);
  });

  it('follows no link, and goes no deeper than a folder in the folder of an instance', async () => {
    mkdirSync(join(base, 'app-1/sub/deep'), { recursive: true });
    write('app-1/sub/counted', 10);
    write('app-1/sub/deep/not-counted', 100);
    symlinkSync(base, join(own(), 'loop'));
    symlinkSync(fileURLToPath(import.meta.url), join(own(), 'file'));
    expect(await readDisk(own(), base)).toMatchObject({ usedBytes: 10, problem: null });
  });

  it('refuses a folder with more files than it would count', async () => {
    mkdirSync(join(base, 'many'));
    for (let index = 0; index < 10_001; index += 1) write(`many/${index}`, 0);
    expect((await readDisk(own(), base)).problem).toBe(`${base} holds more than 10000 files, clear it`);
  });

  it('says that the directory is gone, or is none', async () => {
    const gone = await readDisk(join(base, 'gone'), base);
    expect(gone).toMatchObject({ freeBytes: 0, problem: expect.stringMatching(/^Error: ENOENT/) as string });
    write('file', 1);
    expect((await readDisk(join(base, 'file'), base)).problem).toMatch(/^Error: ENOTDIR/);
  });
});

/** In a mount namespace of their own: permissions alone would not stop root. */
describe('readDisk on a real file system', () => {
  it.for([
    ['that has room', 'size=1m', 'true', /^null$/],
    ['mounted read-only', 'ro,size=1m', 'true', /^Error: EROFS/],
    ['that is full', 'size=64k', 'head -c 65536 /dev/zero > "$0/filler"', /^Error: ENOSPC/],
    ['without an inode left', 'size=1m,nr_inodes=2', 'touch "$0/filler"', /^Error: ENOSPC/],
  ] as const)('%s', ([, options, fill, problem], context) => {
    const script = `mount -t tmpfs -o ${options} none "$0" && { ${fill}; } && exec "$@"`;
    const isolated = ['--mount', '--map-root-user', 'sh', '-c', script, own()];
    const inside = (...command: readonly string[]): SpawnSyncReturns<string> =>
      spawnSync('unshare', [...isolated, ...command], { encoding: 'utf8' });
    const trial = inside('true');
    if (trial.status !== 0) context.skip(`no file system can be mounted here: ${trial.stderr}`);
    const { stdout } = inside(process.execPath, '--conditions=@heapfloor/source', fixture, own(), base);
    expect(String((JSON.parse(stdout) as DiskFacts).problem)).toMatch(problem);
  });
});

const fixture = fileURLToPath(new URL('../testing/read-disk.fixture.ts', import.meta.url));
