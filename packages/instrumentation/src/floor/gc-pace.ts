/** At 10 per second the profiler's 0.1 ms per GC are 0.1 % of the time. */
const CALM_PER_SECOND = 10;
/** That many may come at once. */
const CALM_LEVEL = 2 * CALM_PER_SECOND;
/** However long a storm lasted, it is over after some seconds. */
const MAX_LEVEL = 3 * CALM_LEVEL;

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
