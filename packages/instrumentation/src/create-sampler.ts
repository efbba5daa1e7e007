import { createActiveResourcesCollector } from './collectors/active-resources.ts';
import type { Collector } from './collectors/collector.ts';
import { createEventLoopCollector } from './collectors/event-loop.ts';
import { createGarbageCollectionCollector } from './collectors/garbage-collection.ts';
import { createHeapFloorCollector } from './collectors/heap-floor.ts';
import { createHeapMemoryCollector } from './collectors/heap-memory.ts';
import { createProcessMemoryCollector } from './collectors/process-memory.ts';
import { FloorTracker } from './floor/floor-tracker.ts';
import { GcObserver } from './floor/gc-observer.ts';
import { readOldSpaceLimit } from './limit/read-limit.ts';
import type { InstrumentationOptions, SemconvFamily } from './options.ts';

/** Everything that watches, apart from who asks for it. */
export interface Sampler {
  readonly collectors: readonly Collector[];
  start(): void;
  stop(): void;
}

/** @param onBreachGrowth - one more major GC in a row was above the threshold. */
export function createSampler(options: InstrumentationOptions, onBreachGrowth: () => void): Sampler {
  const limit = readOldSpaceLimit();
  const tracker = new FloorTracker({ limitBytes: limit.bytes });
  const garbageCollection = createGarbageCollectionCollector();
  const observer = new GcObserver((entries, nowMs) => {
    // The floor first: its reading ages with each microsecond.
    const hasGrown = tracker.onBatch(entries, nowMs);
    garbageCollection.add(entries);
    if (hasGrown) onBreachGrowth();
  });
  const collectors = [
    createHeapFloorCollector(limit, () => tracker.state),
    createHeapMemoryCollector(),
    garbageCollection,
    ...options.families.map((family) => CREATE_FAMILY[family](options.windowMs)),
  ];
  return {
    collectors,
    start() {
      observer.start();
      for (const collector of collectors) collector.start();
    },
    stop() {
      observer.stop();
      tracker.stop();
      for (const collector of collectors) collector.stop();
    },
  };
}

const CREATE_FAMILY: Readonly<Record<SemconvFamily, (windowMs: number) => Collector>> = {
  process: createProcessMemoryCollector,
  eventloop: createEventLoopCollector,
  resources: (windowMs) => createActiveResourcesCollector({ windowMs }),
};
