import { GCProfiler } from 'node:v8';
import { diag } from '@opentelemetry/api';
import { realClock } from '../collectors/real-clock.ts';

/**
 * `stop()` parses about 4 KB per GC: 10 records take 0.3 ms, 1,000 take 30 to 170 ms. So it is never left running. A
 * profiler that has seen more than one minor GC is old, and without a major GC its rotation leaves it behind (see below);
 * so each of those waits for twice as many entries as the last, and after the largest the next major GC is waited for.
 */
const MAX_YOUNG_ENTRIES = 1;
const FIRST_PENDING_ENTRIES = 32;
const MAX_PENDING_MS = 30_000;
/**
 * More than these pile up only behind a loop that was blocked for seconds. Parsing them blocks it again, by 3 % of that
 * time at this pace; what is more is thrown away, and the GCs count as read too late.
 */
const MAX_PARSED_ENTRIES = 512;
const MAX_PARSED_PER_BLOCKED_MS = 0.3;

/** A major GC as the profiler recorded it. */
export interface ExactMajor {
  /** In use right after it. */
  readonly bytes: number;
  /** Of the GC; 0.03 to 0.3 ms less than the observer's, which tells them apart all the same. */
  readonly durationMs: number;
}

/**
 * V8's own figure of what is in use after a major GC: equal to `--trace-gc` (899 of 899 GCs, error ≤ 0.3 %), however
 * late we are. Each rotation hands over what was recorded since the last one.
 *
 * It rotates only after GCs and never by a timer: until a GC frees it, a major one if it has grown old, a stopped profiler
 * stays registered with V8 and goes on recording (`node_v8.cc`). 60 of them make each GC 1 ms longer. One that has seen a
 * single minor GC is freed by the next: over 2,000 of them rss stays as it was, and it grew by 40 to 90 MB when every second
 * one rotated.
 */
export class ExactFloor {
  readonly #onRotation: (tookMs: number) => void;
  #profiler: GCProfiler | null = null;
  #pendingEntries = 0;
  #maxPendingEntries = FIRST_PENDING_ENTRIES;
  #rotatedMs = 0;
  #majors: ExactMajor[] = [];
  /** Until the next major GC, which frees the profilers that were left behind. */
  #isResting = false;
  #isBroken = false;

  /** @param onRotation - told how long each rotation kept the event loop. */
  constructor(onRotation: (tookMs: number) => void = () => {}) {
    this.#onRotation = onRotation;
  }

  get isArmed(): boolean {
    return this.#profiler !== null;
  }

  arm(): void {
    if (this.#profiler !== null || this.#isResting || this.#isBroken) return;
    try {
      this.#profiler = startProfiler();
      this.#rotatedMs = realClock.nowMs();
    } catch (error) {
      // A runtime that has no GCProfiler: the observer alone goes on.
      this.#isBroken = true;
      diag.debug('heapfloor: no exact floors', error);
    }
  }

  disarm(): void {
    if (this.#pendingEntries <= MAX_PARSED_ENTRIES) this.#profiler?.stop();
    this.#profiler = null;
    this.#pendingEntries = 0;
    this.#majors = [];
  }

  /** Tells of entries that the observer has seen, so that the record stays short in a storm of minor GCs. */
  noteEntries(count: number, nowMs: number): void {
    this.#pendingEntries += count;
    if (this.#pendingEntries <= MAX_YOUNG_ENTRIES) {
      this.#rotate(MAX_PARSED_ENTRIES);
      return;
    }
    const isTooOld = nowMs - this.#rotatedMs >= MAX_PENDING_MS;
    if (this.#pendingEntries < this.#maxPendingEntries && !isTooOld) return;
    this.#isResting = this.#maxPendingEntries >= MAX_PARSED_ENTRIES;
    if (this.#isResting) return this.disarm();
    this.#maxPendingEntries *= 2;
    this.#rotate(MAX_PARSED_ENTRIES);
  }

  /**
   * All major GCs up to now that were not taken before, oldest first.
   * @param count - entries that came with them.
   * @param blockedMs - for how long the oldest of them has waited.
   */
  takeMajors(count: number, blockedMs = 0): readonly ExactMajor[] {
    this.#isResting = false;
    this.#pendingEntries += count;
    this.#maxPendingEntries = FIRST_PENDING_ENTRIES;
    this.#rotate(MAX_PARSED_ENTRIES + blockedMs * MAX_PARSED_PER_BLOCKED_MS);
    const taken = this.#majors;
    this.#majors = [];
    return taken;
  }

  /** Takes back majors whose entries are still on their way. */
  putBack(majors: readonly ExactMajor[]): void {
    if (this.#profiler !== null) this.#majors.unshift(...majors);
  }

  /** The new profiler starts before the old one stops, so that no GC falls between them. */
  #rotate(maxEntries: number): void {
    const previous = this.#profiler;
    if (previous === null) return;
    const isTooMany = this.#pendingEntries > maxEntries;
    this.#profiler = startProfiler();
    this.#pendingEntries = 0;
    this.#rotatedMs = realClock.nowMs();
    if (isTooMany) return;
    for (const { gcType, cost, afterGC } of previous.stop().statistics) {
      if (gcType !== 'MarkSweepCompact') continue;
      this.#majors.push({ bytes: afterGC.heapStatistics.usedHeapSize, durationMs: cost / 1000 });
    }
    this.#onRotation(realClock.nowMs() - this.#rotatedMs);
  }
}

function startProfiler(): GCProfiler {
  const profiler = new GCProfiler();
  profiler.start();
  return profiler;
}
