/** Old space in use above this share of the limit arms the profiler; below the second it may be disarmed. */
export const ARM_RATIO = 0.5;
export const DISARM_RATIO = 0.45;

export interface ArmingFacts {
  readonly isArmed: boolean;
  /** Old space in use divided by the limit. */
  readonly usedRatio: number;
  /** The observer alone would have read every floor of the last batch. */
  readonly isObserverEnough: boolean;
}

/** Exact readings cost about 0.1 ms per major GC, so they are taken where they decide or where the observer starves. */
export function shouldArm({ isArmed, usedRatio, isObserverEnough }: ArmingFacts): boolean {
  if (usedRatio >= ARM_RATIO || !isObserverEnough) return true;
  return isArmed && usedRatio >= DISARM_RATIO;
}
