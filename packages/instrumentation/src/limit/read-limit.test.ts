import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import v8 from 'node:v8';
import { getEnvironmentData, isMainThread } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseHeapFlags } from './heap-flags.ts';
import { readOldSpaceLimit } from './read-limit.ts';

const limit = readOldSpaceLimit();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  syncBuiltinESMExports();
});

function refuse(): never {
  throw new Error('not here');
}

describe('readOldSpaceLimit', () => {
  it('leaves room for the young generation', () => {
    const youngBytes = v8.getHeapStatistics().heap_size_limit - limit.bytes;
    expect(youngBytes).toBeGreaterThanOrEqual(1.5 * 2 ** 20);
    expect(youngBytes).toBeLessThanOrEqual(384 * 2 ** 20);
  });

  it.each([0, 2 ** 64, 2 ** 53])('takes a constrainedMemory of %d for no container', (bytes) => {
    const constrainedMemory = vi.spyOn(process, 'constrainedMemory').mockReturnValue(bytes);
    expect(readOldSpaceLimit()).toEqual(limit);
    expect(constrainedMemory).toHaveBeenCalledOnce();
  });

  it('does without process.constrainedMemory', () => {
    vi.spyOn(process, 'constrainedMemory').mockImplementation(refuse);
    expect(readOldSpaceLimit()).toEqual(limit);
  });

  it('does without the memory of the machine', () => {
    vi.spyOn(os, 'totalmem').mockImplementation(refuse);
    syncBuiltinESMExports();
    expect(os.totalmem).toThrow('not here');
    expect(Number.isFinite(readOldSpaceLimit().bytes)).toBe(true);
  });

  it('says that it does not know where V8 refuses its statistics', () => {
    vi.spyOn(v8, 'getHeapStatistics').mockImplementation(refuse);
    syncBuiltinESMExports();
    expect(readOldSpaceLimit()).toEqual({ bytes: limit.bytes, source: 'derived' });
  });

  it('does not believe what the app wrote into NODE_OPTIONS for its children', () => {
    vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=77');
    expect(readOldSpaceLimit()).toEqual(limit);
  });

  it.runIf(isMainThread)('tells the workers what the main thread was given', () => {
    vi.stubEnv('NODE_OPTIONS', '--max-semi-space-size=7');
    readOldSpaceLimit();
    const told = parseHeapFlags(process.execArgv, '--max-semi-space-size=7');
    expect(getEnvironmentData('heapfloor.heap-flags.1')).toEqual(told);
  });
});
