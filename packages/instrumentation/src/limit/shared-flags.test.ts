import workerThreads, { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseHeapFlags } from './heap-flags.ts';
import { readSharedHeapFlags, shareHeapFlags } from './shared-flags.ts';

const KEY = 'heapfloor.heap-flags.1';
const flags = parseHeapFlags(['--max-old-space-size=90', '--minor-ms'], '');

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  setEnvironmentData(KEY);
});

describe('readSharedHeapFlags', () => {
  it('gives back what was shared', () => {
    shareHeapFlags(flags);
    expect(readSharedHeapFlags()).toEqual(flags);
  });

  it('is null where nothing was shared', () => {
    expect(readSharedHeapFlags()).toBeNull();
  });

  it.each([
    ['a word', 'flags'],
    ['null', null],
    ['a form with less', { maxOldSpaceSize: 90 }],
    ['a size that is a word', { ...flags, maxOldSpaceSize: '90' }],
    ['a size of nothing', { ...flags, maxHeapSize: 0 }],
    ['a size without end', { ...flags, maxSemiSpaceSize: Number.POSITIVE_INFINITY }],
    ['a mode that is a number', { ...flags, minorMs: 1 }],
    [
      'a getter that throws',
      {
        get maxOldSpaceSize() {
          throw new Error('no');
        },
      },
    ],
  ])('is null where another copy of this package shared %s', (_, value) => {
    setEnvironmentData(KEY, value as never);
    expect(readSharedHeapFlags()).toBeNull();
  });
});

describe('shareHeapFlags', () => {
  it('never throws into the app', () => {
    vi.spyOn(workerThreads, 'setEnvironmentData').mockImplementation(() => {
      throw new Error('not here');
    });
    syncBuiltinESMExports();
    shareHeapFlags(flags);
    expect(getEnvironmentData(KEY)).toBeUndefined();
  });
});
