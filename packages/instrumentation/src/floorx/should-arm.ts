/** Old space in use above this share of the limit arms the profiler; below the second it may be disarmed. */
export const ARM_RATIO = 0.5;
export const DISARM_RATIO = 0.45;

export interface ArmingFacts {
  readonly isArmed: boolean;
  /** Old space in use divided by the limit. */
  readonly usedRatio: number;
  /** The observer alone would have read every floor of the last minute. */
  readonly isObserverEnough: boolean;
  /** Garbage collections are so rare that recording each costs next to nothing. */
  readonly isCalm: boolean;
}

/**
 * Exact readings cost about 0.1 ms per GC, so they are taken where they decide, where the observer starves, and where
 * GCs are rare: a jump from below half to the limit within one turn of the loop leaves no turn to arm in.
 */
export function shouldArm({ isArmed, usedRatio, isObserverEnough, isCalm }: ArmingFacts): boolean {
  if (usedRatio >= ARM_RATIO || !isObserverEnough || isCalm) return true;
  return isArmed && usedRatio >= DISARM_RATIO;
}
