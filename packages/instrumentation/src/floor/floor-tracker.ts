import { getHeapStatistics } from 'node:v8';
import { NO_BREACH, nextBreach, type BreachState } from './breach.ts';
import { ExactFloor } from './exact-floor.ts';
import type { GcEntry } from './gc-observer.ts';
import { readUsedOldBytes } from './old-space.ts';
import { MAX_LATENESS_MS, readFloors, type FloorReading } from './read-floors.ts';
import { ARM_RATIO, shouldArm } from './should-arm.ts';

export interface FloorTrackerOptions {
  readonly limitBytes: number;
  /** Called for each reading that counts as a value, with the ordinal of its major GC (the first seen is 1). */
  readonly onReading?: (reading: FloorReading, majorOrdinal: number) => void;
}

/** What is known about the floor of this isolate. */
export interface FloorState {
  /** Null before the first usable reading. */
  readonly floorBytes: number | null;
  /** End of the last major GC on the clock of `performance.now()`; null before the first. */
  readonly lastMajorEndMs: number | null;
  readonly breach: BreachState;
  readonly discarded: { readonly lag: number; readonly batch: number };
}

/** Follows the floor from one batch of garbage collections to the next. */
export class FloorTracker {
  readonly #options: FloorTrackerOptions;
  readonly #exact = new ExactFloor();
  #majorCount = 0;
  #state: FloorState = {
    floorBytes: null,
    lastMajorEndMs: null,
    breach: NO_BREACH,
    discarded: { lag: 0, batch: 0 },
  };

  constructor(options: FloorTrackerOptions) {
    this.#options = options;
  }

  get state(): FloorState {
    return this.#state;
  }

  /** True while floors are read by the profiler. */
  get isExact(): boolean {
    return this.#exact.isArmed;
  }

  /** What happened while nobody watched is unknown, so a streak does not survive it. */
  stop(): void {
    this.#exact.disarm();
    this.#state = { ...this.#state, breach: NO_BREACH };
  }

  /** @returns true if one more major GC in a row was above the threshold. */
  onBatch(entries: readonly GcEntry[], nowMs: number): boolean {
    const { streak } = this.#state.breach;
    const endsMs = entries.filter((entry) => entry.type === 'major').map((entry) => entry.endMs);
    if (endsMs.length === 0) this.#onMinors(entries.length);
    else this.#onMajors(endsMs, nowMs);
    return this.#state.breach.streak > streak;
  }

  #onMinors(count: number): void {
    if (this.#exact.isArmed) {
      this.#exact.noteEntries(count);
      return;
    }
    const armBytes = ARM_RATIO * this.#options.limitBytes;
    // The cheap figure includes new space, so it can only be too high: it spares the dear one.
    if (getHeapStatistics().used_heap_size >= armBytes && readUsedOldBytes() >= armBytes) this.#exact.arm();
  }

  #onMajors(endsMs: readonly number[], nowMs: number): void {
    // Before the profiler: taking its record allocates.
    const usedOldBytes = readUsedOldBytes();
    const exactBytes = this.#exact.takeMajors();
    const { readings, discarded } = readFloors({ endsMs, nowMs, usedOldBytes, exactBytes });
    const lastMajorEndMs = endsMs.at(-1) ?? nowMs;
    this.#arm(usedOldBytes, endsMs.length === 1 && nowMs - lastMajorEndMs < MAX_LATENESS_MS);
    const { lag, batch } = this.#state.discarded;
    this.#state = {
      ...this.#state,
      lastMajorEndMs,
      discarded: { lag: lag + discarded.lag, batch: batch + discarded.batch },
    };
    for (const reading of readings) this.#onReading(reading, this.#majorCount + reading.index + 1);
    this.#majorCount += endsMs.length;
  }

  #arm(usedOldBytes: number, isObserverEnough: boolean): void {
    const usedRatio = usedOldBytes / this.#options.limitBytes;
    if (shouldArm({ isArmed: this.#exact.isArmed, usedRatio, isObserverEnough })) this.#exact.arm();
    else this.#exact.disarm();
  }

  #onReading(reading: FloorReading, majorOrdinal: number): void {
    const isUpperBound = reading.method === 'late';
    const utilizationRatio = reading.bytes / this.#options.limitBytes;
    const breach = nextBreach(this.#state.breach, { utilizationRatio, endMs: reading.endMs, isUpperBound });
    this.#state = { ...this.#state, breach };
    if (isUpperBound) return;
    this.#state = { ...this.#state, floorBytes: reading.bytes };
    this.#options.onReading?.(reading, majorOrdinal);
  }
}
