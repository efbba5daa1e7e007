import { totalmem } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { METRIC_MEMORY_CGROUP_AVAILABLE, METRIC_MEMORY_CGROUP_LIMIT } from '@heapfloor/contract/metrics';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createCgroupMemoryCollector, limitOf } from './cgroup-memory.ts';
import type { Collector } from './collector.ts';

const MIB = 1024 * 1024;
afterEach(() => void vi.restoreAllMocks());

async function readBoth(collector: Collector): Promise<(number | undefined)[]> {
  const metrics = await readCollectors([collector]);
  return [METRIC_MEMORY_CGROUP_LIMIT, METRIC_MEMORY_CGROUP_AVAILABLE].map((name) =>
    valueOf(metrics.get(name)),
  );
}

function stubMemory(constrainedBytes: number | undefined, availableBytes: number): void {
  vi.spyOn(process, 'constrainedMemory').mockReturnValue(constrainedBytes as number);
  vi.spyOn(process, 'availableMemory').mockReturnValue(availableBytes);
}

describe('limitOf', () => {
  it.each([undefined, 0, Number.NaN, 2 ** 64, Number.POSITIVE_INFINITY, 8 * MIB, 9 * MIB])(
    'takes %s of 8 MiB for no limit',
    (constrainedBytes) => {
      expect(limitOf(constrainedBytes, 8 * MIB)).toBeNull();
    },
  );

  it('takes what is less than the machine has', () => {
    expect(limitOf(7 * MIB, 8 * MIB)).toBe(7 * MIB);
  });
});

describe('createCgroupMemoryCollector', () => {
  it('exports limit and free memory of a container, and follows a resize from window to window', async () => {
    const collector = createCgroupMemoryCollector();
    stubMemory(64 * MIB, 10 * MIB);
    collector.start();
    expect(await readBoth(collector)).toEqual([64 * MIB, 10 * MIB]);
    stubMemory(128 * MIB, 0);
    expect(await readBoth(collector)).toEqual([64 * MIB, 0]);
    collector.onWindow?.();
    expect(await readBoth(collector)).toEqual([128 * MIB, 0]);
  });

  it('exports neither without a limit, whatever is available', async () => {
    const collector = createCgroupMemoryCollector();
    stubMemory(2 ** 64, 10 * MIB);
    collector.start();
    expect(await readBoth(collector)).toEqual([undefined, undefined]);
  });

  it.each([totalmem(), Number.NaN])('exports no available memory of %s', async (availableBytes) => {
    const collector = createCgroupMemoryCollector();
    stubMemory(64 * MIB, availableBytes);
    collector.start();
    expect(await readBoth(collector)).toEqual([64 * MIB, undefined]);
  });

  it('says what this process may use', async () => {
    const collector = createCgroupMemoryCollector();
    collector.start();
    const [limitBytes, availableBytes] = await readBoth(collector);
    const constrainedBytes = process.constrainedMemory();
    expect(limitBytes).toBe(
      constrainedBytes > 0 && constrainedBytes < totalmem() ? constrainedBytes : undefined,
    );
    expect(availableBytes === undefined).toBe(limitBytes === undefined);
  });
});
