import { describe, expect, it } from 'vitest';
import { METRIC_GC_COUNT, METRIC_GC_PAUSE_TIME } from '@heapfloor/contract/metrics';
import { GcObserver, type GcEntry } from '../floor/gc-observer.ts';
import { forceMajorGc, forceObservedMajorGc } from '../testing/force-gc.ts';
import { attributeValuesOf, readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createGarbageCollectionCollector } from './garbage-collection.ts';

function entry(type: GcEntry['type'], durationMs: number): GcEntry {
  return { type, endMs: 0, durationMs };
}

function refuse(): never {
  throw new Error('no gc entries here');
}

/** A collector whose observer is this test. */
function createFed() {
  const collector = createGarbageCollectionCollector({ start() {}, stop() {} });
  collector.start();
  return collector;
}

describe('createGarbageCollectionCollector', () => {
  it('exports nothing where its observer cannot start', async () => {
    const collector = createGarbageCollectionCollector({ start: refuse, stop() {} });
    expect(() => collector.start()).toThrow('no gc entries here');
    expect((await readCollectors([collector])).size).toBe(0);
  });

  it('begins with zero major and minor GCs', async () => {
    const metrics = await readCollectors([createFed()]);
    expect(valueOf(metrics.get(METRIC_GC_COUNT), 'major')).toBe(0);
    expect(valueOf(metrics.get(METRIC_GC_COUNT), 'minor')).toBe(0);
    expect(metrics.get(METRIC_GC_COUNT)?.dataPoints).toHaveLength(2);
  });

  it('counts all entries of a batch and adds up their pauses by type', async () => {
    const collector = createFed();
    collector.add([entry('minor', 1), entry('incremental', 2), entry('major', 30), entry('minor', 4)]);
    collector.add([entry('major', 20)]);
    const metrics = await readCollectors([collector]);
    expect(valueOf(metrics.get(METRIC_GC_COUNT), 'minor')).toBe(2);
    expect(valueOf(metrics.get(METRIC_GC_COUNT), 'major')).toBe(2);
    expect(attributeValuesOf(metrics.get(METRIC_GC_COUNT))).toEqual(['major', 'minor']);
    expect(valueOf(metrics.get(METRIC_GC_PAUSE_TIME), 'incremental')).toBeCloseTo(0.002, 9);
    expect(valueOf(metrics.get(METRIC_GC_PAUSE_TIME), 'major')).toBeCloseTo(0.05, 9);
    expect(valueOf(metrics.get(METRIC_GC_PAUSE_TIME), 'minor')).toBeCloseTo(0.005, 9);
  });
});

describe('createGarbageCollectionCollector under a clock that is wrong', () => {
  it('counts a GC whose duration is none, and keeps the total', async () => {
    const collector = createFed();
    collector.add([entry('major', 30), entry('major', -5), entry('major', Number.NaN), entry('major', 0)]);
    const metrics = await readCollectors([collector]);
    expect(valueOf(metrics.get(METRIC_GC_COUNT), 'major')).toBe(4);
    expect(valueOf(metrics.get(METRIC_GC_PAUSE_TIME), 'major')).toBeCloseTo(0.03, 9);
  });
});

describe('GcObserver', () => {
  it('reports each major GC of this process once, with its pause, while it is on', async () => {
    const majors: GcEntry[] = [];
    const observer = new GcObserver((entries) =>
      majors.push(...entries.filter((one) => one.type === 'major')),
    );
    observer.start();
    observer.start();
    forceMajorGc();
    await forceObservedMajorGc();
    observer.stop();
    await forceObservedMajorGc();
    expect(majors).toHaveLength(2);
    expect(majors.every(({ durationMs, endMs }) => durationMs > 0 && endMs > durationMs)).toBe(true);
    observer.start();
    await forceObservedMajorGc();
    observer.stop();
    expect(majors).toHaveLength(3);
  });

  it('keeps an error of its listener away from the app', async () => {
    let calls = 0;
    const observer = new GcObserver(() => {
      calls += 1;
      throw new Error('ours');
    });
    observer.start();
    await forceObservedMajorGc();
    observer.stop();
    expect(calls).toBeGreaterThan(0);
  });
});
