import { getHeapStatistics } from 'node:v8';
import { realClock } from '../collectors/real-clock.ts';
import { quietly } from '../quietly.ts';
import { NO_BREACH } from './breach.ts';
import { ExactFloor } from './exact-floor.ts';
import { NO_FLOOR, nextFloorState, type FloorState } from './floor-state.ts';
import { calmAfterMs, isCalm, NO_GCS, nextGcPace } from './gc-pace.ts';
import type { GcEntry } from './gc-observer.ts';
import { readUsedOldBytes } from './old-space.ts';
import { MAX_LATENESS_MS, readFloors, type FloorReading } from './read-floors.ts';
import { ARM_RATIO, shouldArm } from './should-arm.ts';

export type { FloorState } from './floor-state.ts';

export interface FloorTrackerOptions {
  readonly limitBytes: number;
  /** False: the profiler is never used, and late readings stay lost. Default: true. */
  readonly exactFloor?: boolean;
  /** Called for each reading that counts as a value, with the ordinal of its major GC (the first seen is 1). */
  readonly onReading?: (reading: FloorReading, majorOrdinal: number) => void;
  /** Told how long each rotation of the profiler kept the event loop. */
  readonly onRotation?: (tookMs: number) => void;
  readonly clock?: FloorClock;
}

interface FloorClock {
  nowMs(): number;
  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout): void;
}

/** A loop that was blocked will be blocked again: for so long the observer alone is not relied on. */
const LATE_MEMORY_MS = 60_000;
/** Of the limit. While a process loads its modules it is always late, and its heap is next to nothing. */
const LATE_RATIO = 0.1;
/** So many late readings in a row count however small the heap is: else it would never have a floor. */
const LATE_IN_ROW = 3;

/** Follows the floor from one batch of garbage collections to the next. */
export class FloorTracker {
  readonly #options: FloorTrackerOptions;
  readonly #exact: ExactFloor;
  readonly #clock: FloorClock;
  #majorCount = 0;
  /** When a callback last came too late to read the heap. */
  #lateMs = Number.NEGATIVE_INFINITY;
  #lateInRow = 0;
  #pace = NO_GCS;
  #calmTimer: NodeJS.Timeout | null = null;
  #state = NO_FLOOR;

  constructor(options: FloorTrackerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#exact = new ExactFloor(options.onRotation);
  }

  get state(): FloorState {
    return this.#state;
  }

  /** True while floors are read by the profiler. */
  get isExact(): boolean {
    return this.#exact.isArmed;
  }

  /** Not armed at once: who loads modules collects garbage, and would make the profiler old. */
  start(): void {
    this.#pace = nextGcPace(NO_GCS, 1, this.#clock.nowMs());
    this.#awaitCalm();
  }

  /** What happened while nobody watched is unknown, so a streak does not survive it. */
  stop(): void {
    if (this.#calmTimer !== null) this.#clock.clearTimeout(this.#calmTimer);
    this.#calmTimer = null;
    this.#exact.disarm();
    this.#state = { ...this.#state, breach: NO_BREACH };
  }

  /** @returns true if one more major GC in a row was above the threshold. */
  onBatch(entries: readonly GcEntry[], nowMs: number): boolean {
    const { streak } = this.#state.breach;
    const majors = entries.filter((entry) => entry.type === 'major');
    this.#pace = nextGcPace(this.#pace, entries.length, nowMs);
    if (majors.length === 0) this.#onMinors(entries.length, nowMs);
    else this.#onMajors(majors, entries, nowMs);
    return this.#state.breach.streak > streak;
  }

  #onMinors(count: number, nowMs: number): void {
    if (this.#exact.isArmed) {
      this.#exact.noteEntries(count, nowMs);
      this.#disarmIfCrowded(nowMs);
      return;
    }
    this.#awaitCalm();
    const armBytes = ARM_RATIO * this.#options.limitBytes;
    // The cheap figure includes new space, so it can only be too high: it spares the dear one.
    if (getHeapStatistics().used_heap_size >= armBytes && readUsedOldBytes() >= armBytes) this.#arm();
  }

  /** A storm of minor GCs over a small heap is what the profiler is too dear for. */
  #disarmIfCrowded(nowMs: number): void {
    if (isCalm(this.#pace)) return;
    this.#decide(readUsedOldBytes(), nowMs);
  }

  #onMajors(majors: readonly GcEntry[], entries: readonly GcEntry[], nowMs: number): void {
    // Before the profiler: taking its record allocates.
    const usedOldBytes = readUsedOldBytes();
    const blockedMs = nowMs - (entries[0]?.endMs ?? nowMs);
    const exact = this.#exact.takeMajors(entries.length, blockedMs);
    const floors = readFloors({ majors, nowMs, usedOldBytes, exact });
    this.#exact.putBack(floors.ahead);
    const lastMajorEndMs = majors.at(-1)?.endMs ?? nowMs;
    const { limitBytes } = this.#options;
    this.#state = nextFloorState(this.#state, floors, { lastMajorEndMs, limitBytes });
    const isLate = majors.length > 1 || nowMs - lastMajorEndMs >= MAX_LATENESS_MS;
    this.#lateInRow = isLate ? this.#lateInRow + 1 : 0;
    const counts = usedOldBytes >= LATE_RATIO * limitBytes || this.#lateInRow >= LATE_IN_ROW;
    if (isLate && counts) this.#lateMs = nowMs;
    this.#decide(usedOldBytes, nowMs);
    for (const reading of floors.readings) {
      if (reading.method !== 'late') this.#options.onReading?.(reading, this.#majorCount + reading.index + 1);
    }
    this.#majorCount += majors.length;
  }

  #decide(usedOldBytes: number, nowMs: number): void {
    const usedRatio = usedOldBytes / this.#options.limitBytes;
    const { isArmed } = this.#exact;
    const isObserverEnough = nowMs - this.#lateMs >= LATE_MEMORY_MS;
    if (shouldArm({ isArmed, usedRatio, isObserverEnough, isCalm: isCalm(this.#pace) })) {
      this.#arm();
    } else {
      this.#exact.disarm();
      this.#awaitCalm();
    }
  }

  #arm(): void {
    if (this.#options.exactFloor !== false) this.#exact.arm();
  }

  /** No callback comes when the GCs end, so calm is looked for once, when it can be there. */
  #awaitCalm(): void {
    if (this.#calmTimer !== null || this.#options.exactFloor === false) return;
    this.#calmTimer = this.#clock.setTimeout(
      () => quietly('arming the profiler', () => this.#onQuiet()),
      calmAfterMs(this.#pace) + 1,
    );
    this.#calmTimer.unref();
  }

  #onQuiet(): void {
    this.#calmTimer = null;
    this.#pace = nextGcPace(this.#pace, 0, this.#clock.nowMs());
    if (isCalm(this.#pace)) this.#arm();
    else if (!this.#exact.isArmed) this.#awaitCalm();
  }
}
