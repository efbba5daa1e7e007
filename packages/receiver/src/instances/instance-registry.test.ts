import type { FloorSample } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { createInstanceRegistry } from './instance-registry.ts';
import { mergeFloorSamples } from './merge-floor-samples.ts';
import { buildReading, NUMBERS } from './otlp.fixture.ts';

const IDENTITY = { job: 'shop', instance: 'shop-1' };

function at(seconds: number): Date {
  return new Date(NUMBERS.atMs + seconds * 1000);
}

function sample(seconds: number): FloorSample {
  return { at: at(seconds).toISOString(), floorBytes: seconds, limitBytes: 1000, heapUsedBytes: null };
}

describe('createInstanceRegistry', () => {
  it('makes one sample of each major GC, at the time of the GC', () => {
    const registry = createInstanceRegistry();
    registry.record(buildReading({ at: at(0), majorGcCount: 7, lastMajorAgeSeconds: 3 }), at(0));
    registry.record(buildReading({ at: at(15), majorGcCount: 7, lastMajorAgeSeconds: 18 }), at(15));
    registry.record(
      buildReading({ at: at(30), majorGcCount: 9, lastMajorAgeSeconds: 1, floorBytes: 810 }),
      at(30),
    );
    expect(registry.samples(IDENTITY)).toEqual([
      { at: at(-3).toISOString(), floorBytes: 800, limitBytes: 1000, heapUsedBytes: 850 },
      { at: at(29).toISOString(), floorBytes: 810, limitBytes: 1000, heapUsedBytes: 850 },
    ]);
  });

  it('makes no sample before the first major GC', () => {
    const registry = createInstanceRegistry();
    registry.record(buildReading({ majorGcCount: 0 }), at(0));
    expect(registry.samples(IDENTITY)).toEqual([]);
  });

  it('goes by the age of the last GC where no count comes', () => {
    const registry = createInstanceRegistry();
    const reading = (seconds: number, age: number): void =>
      registry.record(
        buildReading({ at: at(seconds), majorGcCount: null, lastMajorAgeSeconds: age }),
        at(seconds),
      );
    reading(0, 3);
    reading(15, 18.1);
    reading(30, 2);
    expect(registry.samples(IDENTITY).map((sample) => sample.at)).toEqual([
      at(-3).toISOString(),
      at(28).toISOString(),
    ]);
  });

  it('adds up counts of delta temporality', () => {
    const registry = createInstanceRegistry();
    for (const [seconds, majorGcCount] of [
      [0, 2],
      [15, 0],
      [30, 3],
    ] as const) {
      registry.record(
        buildReading({ at: at(seconds), majorGcCount, isMajorGcCountDelta: true }),
        at(seconds),
      );
    }
    expect(registry.find(IDENTITY)?.majorGcCount).toBe(5);
    expect(registry.samples(IDENTITY)).toHaveLength(2);
  });

  it('ignores an export that comes late', () => {
    const registry = createInstanceRegistry();
    registry.record(buildReading({ at: at(30), majorGcCount: 9 }), at(30));
    registry.record(buildReading({ at: at(15), majorGcCount: 8, floorBytes: 1 }), at(31));
    expect(registry.find(IDENTITY)).toMatchObject({ floorBytes: 800, majorGcCount: 9 });
    expect(registry.samples(IDENTITY)).toHaveLength(1);
  });

  it('shows the live numbers', () => {
    const registry = createInstanceRegistry();
    registry.record(buildReading(), at(1));
    expect(registry.views()).toEqual([
      {
        job: 'shop',
        instance: 'shop-1',
        service: 'shop',
        version: '1.4.0',
        floorBytes: 800,
        limitBytes: 1000,
        floorRatio: 0.8,
        heapUsedBytes: 850,
        majorGcCount: 7,
        streak: 2,
        lastSeenAt: at(1).toISOString(),
      },
    ]);
  });

  it('keeps the newest 500 samples of an instance', () => {
    const registry = createInstanceRegistry();
    for (let count = 1; count <= 510; count += 1) {
      registry.record(buildReading({ at: at(count), majorGcCount: count, floorBytes: count }), at(count));
    }
    const samples = registry.samples(IDENTITY);
    expect(samples).toHaveLength(500);
    expect(samples[0]?.floorBytes).toBe(11);
  });

  it('forgets the instance that is silent for longest', () => {
    const registry = createInstanceRegistry(2);
    for (const instance of ['a', 'b', 'a', 'c']) registry.record(buildReading({ instance }), at(0));
    expect(registry.views().map(({ instance }) => instance)).toEqual(['a', 'c']);
  });

  it('tells the same instance name of two jobs apart', () => {
    const registry = createInstanceRegistry();
    registry.record(buildReading({ job: 'a', floorBytes: 1 }), at(0));
    registry.record(buildReading({ job: 'b', floorBytes: 2 }), at(0));
    expect(registry.find({ job: 'a', instance: 'shop-1' })?.floorBytes).toBe(1);
    expect(registry.find({ instance: 'shop-1' })?.floorBytes).toBe(2);
    expect(registry.find({})).toBeNull();
  });
});

describe('mergeFloorSamples', () => {
  it('keeps each sample once, oldest first, whichever list has it', () => {
    expect(mergeFloorSamples([sample(1), sample(2)], [sample(2), sample(3)])).toEqual([1, 2, 3].map(sample));
    expect(mergeFloorSamples([sample(1), sample(2)], [])).toEqual([1, 2].map(sample));
  });
});
