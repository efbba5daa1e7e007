/** The profiler takes 0.1 to 0.5 ms per GC: nothing at this pace, while at 1 per second a request would show it. */
const CALM_PER_SECOND = 0.2;
/**
 * The first GC ends the calm: a profiler that has survived two minor GCs is old, and when it is stopped, only a major GC
 * ends its recording.
 */
const CALM_LEVEL = 0;
/** However long a storm lasted, it is over five seconds later. */
const MAX_LEVEL = 1;

/** A leaky bucket of garbage collections. */
export interface GcPace {
  readonly level: number;
  readonly atMs: number;
}

export const NO_GCS: GcPace = { level: 0, atMs: 0 };

/** @param count - collections since the last call; 0 only lets time pass. */
export function nextGcPace(pace: GcPace, count: number, nowMs: number): GcPace {
  const elapsedSeconds = Math.max(0, nowMs - pace.atMs) / 1000;
  const level = Math.max(0, pace.level - elapsedSeconds * CALM_PER_SECOND) + count;
  return { level: Math.min(level, MAX_LEVEL), atMs: nowMs };
}

export function isCalm({ level }: GcPace): boolean {
  return level <= CALM_LEVEL;
}

/** When a pace becomes calm if nothing more comes. */
export function calmAfterMs({ level }: GcPace): number {
  return Math.max(0, ((level - CALM_LEVEL) / CALM_PER_SECOND) * 1000);
}
