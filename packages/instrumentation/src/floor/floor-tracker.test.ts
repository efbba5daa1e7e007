import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forceMajorGc } from '../testing/force-gc.ts';
import { FloorTracker, type FloorTrackerOptions } from './floor-tracker.ts';
import { readUsedOldBytes } from './old-space.ts';

const kept: object[] = [];

/** The pace of a service under load: too many collections to record each. */
const CROWD = Array.from({ length: 40 }, () => ({ type: 'minor', endMs: 1, durationMs: 1 }) as const);

/** A tracker in the middle of many minor GCs, whose limit makes the heap of this process the given share of it. */
function trackerAt(usedRatio: number, clock?: FloorTrackerOptions['clock']) {
  // What is garbage now must not make the share smaller later.
  forceMajorGc();
  const tracker = new FloorTracker({
    limitBytes: readUsedOldBytes() / usedRatio,
    ...(clock === undefined ? {} : { clock }),
  });
  tracker.onBatch(CROWD, performance.now());
  return tracker;
}

/** Hands over a batch of major GCs that ended so long before the callback. */
function deliver(tracker: FloorTracker, ...agosMs: readonly number[]): boolean {
  const nowMs = performance.now();
  const entries = agosMs.map((agoMs) => ({ type: 'major', endMs: nowMs - agoMs, durationMs: 1 }) as const);
  return tracker.onBatch(entries, nowMs);
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('FloorTracker', () => {
  it('knows nothing before the first major GC', () => {
    const tracker = trackerAt(0.2);
    tracker.onBatch([{ type: 'minor', endMs: 1, durationMs: 1 }], 2);
    expect(tracker.state).toMatchObject({ floorBytes: null, lastMajorEndMs: null });
    expect(tracker.state.breach.streak).toBe(0);
  });

  it('reads the old spaces right after a major GC', () => {
    const tracker = trackerAt(0.2);
    deliver(tracker, 0.1);
    expect(performance.now() - (tracker.state.lastMajorEndMs ?? 0)).toBeGreaterThanOrEqual(0.1);
    expect(Math.abs((tracker.state.floorBytes ?? 0) - readUsedOldBytes())).toBeLessThan(200_000);
    expect(tracker.isExact).toBe(false);
  });

  it('does not take a late reading for a floor, counts it and arms the profiler', () => {
    const tracker = trackerAt(0.2);
    deliver(tracker, 50, 5);
    expect(tracker.state.floorBytes).toBeNull();
    expect(tracker.state.discarded).toEqual({ lag: 1, batch: 1 });
    expect(tracker.isExact).toBe(true);
    tracker.stop();
  });

  it('arms the profiler for a small heap after three late readings in a row', () => {
    const tracker = trackerAt(0.05);
    deliver(tracker, 50);
    deliver(tracker, 50);
    expect(tracker.isExact).toBe(false);
    deliver(tracker, 0.1);
    for (let count = 0; count < 2; count += 1) deliver(tracker, 50);
    expect(tracker.isExact).toBe(false);
    deliver(tracker, 50);
    expect(tracker.isExact).toBe(true);
    tracker.stop();
  });

  it('is exact and late at once when the profiler is armed', () => {
    const tracker = trackerAt(0.2);
    deliver(tracker, 50);
    forceMajorGc();
    const floorBytes = readUsedOldBytes();
    // Enough to be seen, too little to be collected by itself.
    const since = Array.from({ length: 30_000 }, (_, index) => ({ index }));
    deliver(tracker, 500);
    expect(since).toHaveLength(30_000);
    expect(Math.abs((tracker.state.floorBytes ?? 0) - floorBytes)).toBeLessThan(150_000);
    expect(tracker.state.discarded).toEqual({ lag: 1, batch: 0 });
    tracker.stop();
  });

  it('keeps the record of a GC whose entry comes with the next batch', () => {
    const bytes: number[] = [];
    const limitBytes = readUsedOldBytes() * 5;
    const tracker = new FloorTracker({ limitBytes, onReading: (reading) => bytes.push(reading.bytes) });
    deliver(tracker, 50);
    const durationsMs: number[] = [];
    const floors = [0, 400_000].map((count) => {
      kept.push(Array.from({ length: count }, (_, index) => ({ index })));
      const beganMs = performance.now();
      forceMajorGc();
      durationsMs.push(performance.now() - beganMs);
      return readUsedOldBytes();
    });
    const [first = 0, second = 0] = durationsMs;
    tracker.onBatch([{ type: 'major', endMs: performance.now() - 99, durationMs: first }], performance.now());
    tracker.onBatch(
      [{ type: 'major', endMs: performance.now() - 50, durationMs: second }],
      performance.now(),
    );
    expect(bytes).toHaveLength(2);
    expect(Math.abs((bytes[0] ?? 0) - (floors[0] ?? 0))).toBeLessThan(200_000);
    expect(Math.abs((bytes[1] ?? 0) - (floors[1] ?? 0))).toBeLessThan(200_000);
    expect(tracker.state.discarded).toEqual({ lag: 1, batch: 0 });
    kept.length = 0;
    tracker.stop();
  });

  it('arms the profiler by minor GCs once half of the limit is used', () => {
    const minor = { type: 'minor', endMs: 1, durationMs: 1 } as const;
    const below = trackerAt(0.3);
    below.onBatch([minor], 2);
    expect(below.isExact).toBe(false);
    const above = trackerAt(0.7);
    above.onBatch([minor], 2);
    expect(above.isExact).toBe(true);
    above.stop();
  });

  it('never uses the profiler where it is switched off', () => {
    const tracker = new FloorTracker({ limitBytes: readUsedOldBytes(), exactFloor: false });
    tracker.start();
    deliver(tracker, 50);
    tracker.onBatch(CROWD, performance.now());
    expect(tracker.isExact).toBe(false);
    expect(tracker.state.discarded).toEqual({ lag: 1, batch: 0 });
  });

  it('keeps the profiler for a minute after a late reading, and arms it when the collections become rare', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let nowMs = performance.now();
    const advance = (ms: number): void => {
      nowMs += ms;
      vi.advanceTimersByTime(ms);
    };
    const clock = {
      nowMs: () => nowMs,
      setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
      clearTimeout: (timer: NodeJS.Timeout) => clearTimeout(timer),
    };
    const tracker = trackerAt(0.2, clock);
    deliver(tracker, 50);
    advance(59_000);
    tracker.onBatch(CROWD, nowMs);
    expect(tracker.isExact).toBe(true);
    advance(2000);
    tracker.onBatch(CROWD, nowMs);
    expect(tracker.isExact).toBe(false);
    advance(5100);
    expect(tracker.isExact).toBe(true);
    tracker.stop();
  });

  it('tells of each GC that makes the streak grow, and of no other', () => {
    const tracker = trackerAt(0.8);
    for (const streak of [1, 2]) {
      forceMajorGc();
      expect(deliver(tracker, 0.1)).toBe(true);
      expect(tracker.state.breach.streak).toBe(streak);
    }
    expect(tracker.onBatch([{ type: 'minor', endMs: 1, durationMs: 1 }], 2)).toBe(false);
    expect(deliver(trackerAt(0.3), 0.1)).toBe(false);
    tracker.stop();
  });

  it('forgets the streak when it is stopped, but not the floor', () => {
    const tracker = trackerAt(0.8);
    deliver(tracker, 0.1);
    expect(tracker.state.breach.streak).toBe(1);
    tracker.stop();
    expect(tracker.state.breach.streak).toBe(0);
    expect(tracker.state.floorBytes).not.toBeNull();
    expect(tracker.isExact).toBe(false);
  });

  it('numbers its readings by major GC', () => {
    const ordinals: number[] = [];
    const tracker = new FloorTracker({
      limitBytes: readUsedOldBytes() * 5,
      onReading: (_reading, ordinal) => ordinals.push(ordinal),
    });
    deliver(tracker, 9, 0.1);
    forceMajorGc();
    deliver(tracker, 0.1);
    expect(ordinals).toEqual([2, 3]);
    tracker.stop();
  });
});
