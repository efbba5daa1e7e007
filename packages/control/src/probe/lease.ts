import type { MainLoop } from './main-loop.ts';

/** Longest time that liveness is answered for a main thread that stands still, whatever was predicted. Unit: ms. */
export const LEASE_CAP_MS = 10 * 60_000;

/** While it runs, `/livez` says 200 for a main thread that stands still, because a capture told how long that will be. */
export interface Lease {
  /** Renewed where one runs already. */
  readonly begin: (maxMs: number) => void;
  /** The pause is over: it is not held against the main loop. */
  readonly end: () => void;
  /** 0 when none runs. Unit: ms. */
  readonly remainingMs: () => number;
}

/** A pause that takes twice as long as predicted is no longer one that anybody allowed. */
export function predictLeaseMs(predictedPauseMs: number): number {
  return Math.min(2 * predictedPauseMs, LEASE_CAP_MS);
}

export function createLease(loop: MainLoop): Lease {
  let held: { readonly beganAtMs: number; readonly endsAtMs: number } | null = null;
  return {
    begin(maxMs) {
      const nowMs = performance.now();
      held = { beganAtMs: held?.beganAtMs ?? nowMs, endsAtMs: nowMs + Math.min(maxMs, LEASE_CAP_MS) };
    },
    end() {
      if (held !== null) loop.forgive(held.beganAtMs);
      held = null;
    },
    remainingMs: () => (held === null ? 0 : Math.max(0, held.endsAtMs - performance.now())),
  };
}
