import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRIC_PROCESS_FILE_DESCRIPTOR_COUNT } from '@heapfloor/contract/metrics';
import { readCollectors, valueOf } from '../testing/read-metrics.ts';
import type { Collector } from './collector.ts';
import { countFileDescriptors, createFileDescriptorsCollector } from './file-descriptors.ts';

const hasProc = existsSync('/proc/self/fd');

async function countOf(collector: Collector): Promise<number | undefined> {
  return valueOf((await readCollectors([collector])).get(METRIC_PROCESS_FILE_DESCRIPTOR_COUNT));
}

describe('countFileDescriptors', () => {
  it.runIf(hasProc)('grows by what is opened, and falls again', () => {
    const before = countFileDescriptors();
    const opened = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
    expect(countFileDescriptors()).toBe(before + 20);
    for (const descriptor of opened) closeSync(descriptor);
    expect(countFileDescriptors()).toBe(before);
  });

  it('throws where there is no /proc', () => {
    expect(() => countFileDescriptors('/no-proc/self/fd')).toThrow('ENOENT');
  });
});

describe('createFileDescriptorsCollector', () => {
  it('exports the count of the last window, and nothing before the first', async () => {
    let count = 7;
    const collector = createFileDescriptorsCollector(() => count);
    expect(await countOf(collector)).toBeUndefined();
    collector.onWindow?.();
    count = 8;
    expect(await countOf(collector)).toBe(7);
  });

  it('exports nothing after a count that failed', async () => {
    let isReadable = true;
    const collector = createFileDescriptorsCollector(() => {
      if (!isReadable) throw new Error('EACCES');
      return 7;
    });
    collector.onWindow?.();
    isReadable = false;
    expect(() => collector.onWindow?.()).toThrow('EACCES');
    expect(await countOf(collector)).toBeUndefined();
  });

  it('keeps the last count while counting is put off', async () => {
    let isDue = true;
    const collector = createFileDescriptorsCollector(
      () => 7,
      (work) => {
        if (isDue) work();
      },
    );
    collector.onWindow?.();
    isDue = false;
    collector.onWindow?.();
    expect(await countOf(collector)).toBe(7);
  });
});
