import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { realClock, type Clock } from '../real-clock.ts';
import { quietly } from '../../quietly.ts';

/** From here on a call per turn would be felt: it takes 0.3 to 0.6 µs, so that 2,000 are 0.1 % of a core. */
const MAX_TURNS_PER_SECOND = 2000;
const CALM_TURNS_PER_SECOND = 1000;
const TICK_MS = 20;
const CHECK_MS = 1000;
const NS_PER_MS = 1e6;
/** One hour in ns; as the native histogram of the event-loop delay. */
const RANGE = { lowest: 1, highest: 3_600_000_000_000, figures: 3 };

export interface TurnSamplerSystem {
  readonly clock: Pick<Clock, 'nowMs' | 'setImmediate' | 'clearImmediate' | 'setInterval' | 'clearInterval'>;
  /** Time that the loop has waited for events since its start. */
  readonly idleMs: () => number;
  /** Turns of the loop since its start. */
  readonly turnCount: () => number;
}

const SYSTEM: TurnSamplerSystem = {
  clock: realClock,
  idleMs: () => performance.nodeTiming.idleTime,
  turnCount: () => performance.nodeTiming.uvMetricsInfo.loopCount,
};

/**
 * The delay of the event loop on Nodes without `samplePerIteration`, as exact and as cheap while idle: an unref'd
 * immediate runs once per turn and wakes nothing. A loop of many short turns is measured by a timer of 20 ms instead,
 * so that our share stays small; that costs nothing extra while the loop is busy, and sees a block 0 to 20 ms shorter
 * than it was.
 */
export class TurnSampler {
  readonly histogram: RecordableHistogram = createHistogram(RANGE);
  readonly #system: TurnSamplerSystem;
  #immediate: NodeJS.Immediate | null = null;
  #interval: NodeJS.Timeout | null = null;
  /** End of what is recorded, on both clocks. */
  #lastMs = 0;
  #lastIdleMs = 0;
  #turnsSinceCheck = 0;
  #lastTurnCount = 0;
  #checkedMs = 0;

  constructor(system: TurnSamplerSystem = SYSTEM) {
    this.#system = system;
    this.#watchTurns();
  }

  /** True while a timer measures, because turns are too many. */
  get isTicking(): boolean {
    return this.#interval !== null;
  }

  stop(): void {
    const { clock } = this.#system;
    if (this.#immediate !== null) clock.clearImmediate(this.#immediate);
    if (this.#interval !== null) clock.clearInterval(this.#interval);
    this.#immediate = null;
    this.#interval = null;
  }

  #watchTurns(): void {
    const { clock, idleMs } = this.#system;
    this.stop();
    this.#lastMs = clock.nowMs();
    this.#lastIdleMs = idleMs();
    this.#checkedMs = this.#lastMs;
    this.#turnsSinceCheck = 0;
    this.#awaitTurn();
  }

  #awaitTurn(): void {
    // Unref'd: it neither keeps the process alive nor the loop awake.
    this.#immediate = this.#system.clock.setImmediate(this.#onTurn).unref();
  }

  readonly #onTurn = (): void => {
    this.#awaitTurn();
    quietly('the event-loop delay', () => this.#recordTurn());
  };

  #recordTurn(): void {
    const nowMs = this.#system.clock.nowMs();
    const idleMs = this.#system.idleMs();
    this.#record(nowMs - this.#lastMs - (idleMs - this.#lastIdleMs));
    this.#lastMs = nowMs;
    this.#lastIdleMs = idleMs;
    this.#turnsSinceCheck += 1;
    if (this.#turnsSinceCheck < MAX_TURNS_PER_SECOND) return;
    if (nowMs - this.#checkedMs < CHECK_MS) this.#watchTicks();
    this.#checkedMs = nowMs;
    this.#turnsSinceCheck = 0;
  }

  /** Begins where the last turn ended, and the other way round: no time is measured twice or not at all. */
  #watchTicks(): void {
    const { clock, turnCount } = this.#system;
    this.stop();
    this.#lastTurnCount = turnCount();
    this.#interval = clock.setInterval(() => quietly('the event-loop delay', () => this.#onTick()), TICK_MS);
    this.#interval.unref();
  }

  #onTick(): void {
    const nowMs = this.#system.clock.nowMs();
    this.#record(nowMs - this.#lastMs - TICK_MS);
    this.#lastMs = nowMs;
    const sinceCheckMs = nowMs - this.#checkedMs;
    if (sinceCheckMs < CHECK_MS) return;
    const turnCount = this.#system.turnCount();
    const turnsPerSecond = ((turnCount - this.#lastTurnCount) / sinceCheckMs) * 1000;
    this.#lastTurnCount = turnCount;
    this.#checkedMs = nowMs;
    if (turnsPerSecond < CALM_TURNS_PER_SECOND) this.#watchTurns();
  }

  /** A clock that stands still or goes back gives no delay, never a negative one. */
  #record(delayMs: number): void {
    this.histogram.record(Math.max(1, Math.round(delayMs * NS_PER_MS)));
  }
}
