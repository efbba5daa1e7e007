import { isMainThread as isThisMainThread } from 'node:worker_threads';
import { createActiveResourcesCollector } from './collectors/active-resources.ts';
import { createCapturesCollector } from './collectors/captures.ts';
import { createCgroupMemoryCollector } from './collectors/cgroup-memory.ts';
import type { Collector } from './collectors/collector.ts';
import { startDelaySource } from './collectors/event-loop/delay-source.ts';
import { DelayWindow } from './collectors/event-loop/delay-window.ts';
import { createEventLoopBlockedCollector } from './collectors/event-loop/event-loop-blocked.ts';
import { createEventLoopDelayCollector } from './collectors/event-loop/event-loop-delay.ts';
import { createEventLoopLagCollector } from './collectors/event-loop/event-loop-lag.ts';
import { createEventLoopUtilizationCollector } from './collectors/event-loop/event-loop-utilization.ts';
import { createFileDescriptorsCollector } from './collectors/file-descriptors.ts';
import { createFloorGrowthCollector } from './collectors/floor-growth.ts';
import { createGarbageCollectionCollector } from './collectors/garbage-collection.ts';
import { createGcDurationCollector } from './collectors/gc-duration.ts';
import { createHeapFloorCollector } from './collectors/heap-floor.ts';
import { createHeapSpacesCollector } from './collectors/heap-spaces.ts';
import { createHeapStatisticsCollector } from './collectors/heap-statistics.ts';
import { createMemoryUsageCollector } from './collectors/memory-usage.ts';
import { createProcessTimesCollector } from './collectors/process-times.ts';
import { selectMetrics } from './collectors/select-metrics.ts';
import { createWindowTimer } from './collectors/window-timer.ts';
import { FloorTracker } from './floor/floor-tracker.ts';
import { GcObserver } from './floor/gc-observer.ts';
import { readOldSpaceLimit } from './limit/read-limit.ts';
import type { InstrumentationOptions } from './options.ts';
import { quietly } from './quietly.ts';

/** Everything that watches, apart from who asks for it. */
export interface Sampler {
  readonly collectors: readonly Collector[];
  start(): void;
  stop(): void;
}

/**
 * @param onBreachGrowth - one more major GC in a row was above the threshold.
 * @param isMainThread - whether what is of the whole process is exported here.
 */
export function createSampler(
  options: InstrumentationOptions,
  onBreachGrowth: () => void,
  isMainThread = isThisMainThread,
): Sampler {
  const wanted = selectMetrics(options, isMainThread);
  const collectors = [...createGcFed(options, onBreachGrowth), ...createOthers(options)]
    .map((collector) => ({
      ...collector,
      metricNames: collector.metricNames.filter((name) => wanted.has(name)),
    }))
    .filter(({ metricNames }) => metricNames.length > 0);
  const each = (what: string, work: (collector: Collector) => void): void => {
    // One subject that this Node or a sandbox refuses must not cost the others.
    for (const collector of collectors) quietly(what, () => work(collector));
  };
  const windows = createWindowTimer(options.windowMs, () =>
    each('the end of a window', (collector) => collector.onWindow?.()),
  );
  return {
    collectors,
    start() {
      each('starting to watch', (collector) => collector.start());
      quietly('starting the windows', () => windows.start());
    },
    stop() {
      windows.stop();
      each('ending to watch', (collector) => collector.stop());
    },
  };
}

/** What the one GC observer feeds. */
function createGcFed(
  { exactFloor }: InstrumentationOptions,
  onBreachGrowth: () => void,
): readonly Collector[] {
  const limit = readOldSpaceLimit();
  const growth = createFloorGrowthCollector();
  const durations = createGcDurationCollector();
  const tracker = new FloorTracker({
    limitBytes: limit.bytes,
    exactFloor,
    onReading: (reading) => growth.add(reading),
  });
  const observer = new GcObserver((entries, nowMs) => {
    // The floor first: its reading ages with each microsecond.
    const hasGrown = followFloor(tracker, entries, nowMs);
    totals.add(entries);
    durations.add(entries);
    if (hasGrown) onBreachGrowth();
  });
  const totals = createGarbageCollectionCollector(observer);
  return [createHeapFloorCollector(limit, tracker), totals, growth, durations];
}

/** A floor that cannot be read must not cost the count of the GC. */
function followFloor(tracker: FloorTracker, ...batch: Parameters<FloorTracker['onBatch']>): boolean {
  let hasGrown = false;
  quietly('following the floor', () => {
    hasGrown = tracker.onBatch(...batch);
  });
  return hasGrown;
}

function createOthers({ details }: InstrumentationOptions): readonly Collector[] {
  const delay = new DelayWindow(() => startDelaySource(process.version));
  return [
    createHeapStatisticsCollector(),
    createMemoryUsageCollector(),
    createCgroupMemoryCollector(),
    createHeapSpacesCollector({ isFolded: !details.includes('heap-spaces-all') }),
    createActiveResourcesCollector(),
    createFileDescriptorsCollector(),
    createProcessTimesCollector(),
    createEventLoopBlockedCollector(delay),
    createEventLoopDelayCollector(delay),
    createEventLoopUtilizationCollector(),
    createEventLoopLagCollector(),
    createCapturesCollector(),
  ];
}
