export interface ReplayCache {
  /** False when the key was seen within the window. */
  add(key: string, now: Date): boolean;
  /** The request was not carried out: its sender may repeat it. */
  remove(key: string): void;
}

/** A signature is valid 300 s before and after its time. Unit: ms. */
const WINDOW_MS = 600_000;

/** Genuine signatures of the last ten minutes; only who holds the secret adds to it. */
export function createReplayCache(): ReplayCache {
  const seenUntilMs = new Map<string, number>();
  return {
    add(key, now) {
      for (const [old, untilMs] of seenUntilMs) {
        if (untilMs > now.getTime()) break;
        seenUntilMs.delete(old);
      }
      if (seenUntilMs.has(key)) return false;
      seenUntilMs.set(key, now.getTime() + WINDOW_MS);
      return true;
    },
    remove(key) {
      seenUntilMs.delete(key);
    },
  };
}
