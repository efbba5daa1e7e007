import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptNearLimitSnapshots, type AdoptNearLimitOptions } from './adopt-near-limit-snapshots.ts';

const WHOLE = '{"snapshot":{},"strings":["a"]}\n';
const PID = 4711;
const NAME = `Heap.20260101.120000.${PID}.0.001.heapsnapshot`;
const ARMED_AT_MS = Date.UTC(2026, 0, 1);

let source = '';
let directory = '';
beforeEach(() => {
  source = mkdtempSync(join(tmpdir(), 'hf-near-'));
  directory = join(source, 'artifacts');
  mkdirSync(directory, { mode: 0o700 });
});
afterEach(() => {
  rmSync(source, { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
});

function options(): AdoptNearLimitOptions {
  return {
    sourceDirectory: source,
    pid: PID,
    armedAtMs: ARMED_AT_MS,
    directory,
    fileNameOf: (ordinal) => `c.${ordinal}.heapsnapshot`,
  };
}

function put(name: string, text = WHOLE): void {
  writeFileSync(join(source, name), text, { mode: 0o600 });
}

describe('what V8 left near the limit', () => {
  it('is taken over under its new name, the process and thread of others are not', async () => {
    put(NAME);
    put(`Heap.20260101.120000.${PID}.3.001.heapsnapshot`);
    put('Heap.20260101.120000.47110.0.001.heapsnapshot');
    put(`Heap.20260101.120000.${PID}.0.001.heapprofile`);
    const { adopted, left } = await adoptNearLimitSnapshots(options());
    expect(left).toEqual([]);
    expect(adopted).toMatchObject([
      { fileName: 'c.1.heapsnapshot', sourceName: NAME, sizeBytes: WHOLE.length },
    ]);
    expect(readFileSync(join(directory, 'c.1.heapsnapshot'), 'utf8')).toBe(WHOLE);
    expect(existsSync(join(source, NAME))).toBe(false);
    expect(readdirSync(source).filter((name) => name.startsWith('Heap.'))).toHaveLength(3);
  });

  it.each([
    ['was cut short', () => put(NAME, WHOLE.slice(0, -4)), 'was cut short'],
    [
      'can be read by others',
      () => {
        put(NAME);
        chmodSync(join(source, NAME), 0o644);
      },
      'has mode 644',
    ],
    [
      'is a link',
      () => {
        put('elsewhere');
        symlinkSync(join(source, 'elsewhere'), join(source, NAME));
      },
      'ELOOP',
    ],
    [
      'is older than the arm',
      () => {
        put(NAME);
        utimesSync(join(source, NAME), 1, ARMED_AT_MS / 1000 - 1);
      },
      'it was written before the arm',
    ],
  ])('stays where it is, with the reason, where it %s', async (_name, prepare, reason) => {
    prepare();
    const { adopted, left } = await adoptNearLimitSnapshots(options());
    expect(adopted).toEqual([]);
    expect(left).toHaveLength(1);
    expect(left[0]?.sourceName).toBe(NAME);
    expect(left[0]?.reason).toContain(reason);
    expect(readdirSync(directory)).toEqual([]);
    expect(readdirSync(source)).toContain(NAME);
  });

  it('is nothing where the folder has gone', async () => {
    expect(await adoptNearLimitSnapshots({ ...options(), sourceDirectory: join(source, 'gone') })).toEqual({
      adopted: [],
      left: [],
    });
  });

  it.skipIf(!isOtherDevice('/dev/shm'))('is copied from another device, block by block', async () => {
    directory = mkdtempSync('/dev/shm/hf-near-');
    const text = `{"nodes":[${'1,'.repeat(2 ** 20)}1],"strings":["a"]}`;
    put(NAME, text);
    const { adopted } = await adoptNearLimitSnapshots(options());
    expect(adopted).toMatchObject([{ sizeBytes: text.length }]);
    expect(readFileSync(join(directory, 'c.1.heapsnapshot'), 'utf8')).toBe(text);
    expect(statSync(join(directory, 'c.1.heapsnapshot')).mode & 0o777).toBe(0o600);
    expect(readdirSync(source)).not.toContain(NAME);
  });
});

function isOtherDevice(path: string): boolean {
  return existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev;
}
