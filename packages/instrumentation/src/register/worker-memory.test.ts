import { describe, expect, it } from 'vitest';
import { METRIC_DETAILS } from '@heapfloor/contract/metrics';
import { createWorkerMemory, publishSettings, readSettings, type WorkerSettings } from './worker-memory.ts';

describe('the memory that workers share', () => {
  it('is pending until the main thread knows', () => {
    expect(readSettings(createWorkerMemory())).toBe('pending');
  });

  it('says what the main thread has said, with the longest options that there are', () => {
    const memory = createWorkerMemory();
    const settings: WorkerSettings = {
      mode: 'post',
      intervalMs: 2 ** 31 - 1,
      config: { semconv: 'all', windowSeconds: 86_400, exactFloor: false, details: METRIC_DETAILS },
    };
    publishSettings(memory, settings);
    expect(readSettings(memory)).toEqual(settings);
  });

  it('is off where nothing is to be done', () => {
    const memory = createWorkerMemory();
    publishSettings(memory, null);
    expect(readSettings(memory)).toBe('off');
  });
});
