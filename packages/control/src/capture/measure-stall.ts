import { setTimeout as delay } from 'node:timers/promises';
import type { HeartbeatReader } from '../heartbeat.ts';

const POLL_MS = 5;
/** A main thread that is stuck in a loop of its own does not beat: then the stall is not known. */
const BEAT_DEADLINE_MS = 1_000;

export interface Heart {
  readonly reader: HeartbeatReader;
  readonly setBeating: (isBeating: boolean) => void;
}

/** Runs `work` and tells for how long the main thread stood still meanwhile; null when it did not answer before or after. */
export async function measureStall(heart: Heart, work: () => Promise<void>): Promise<number | null> {
  heart.setBeating(true);
  try {
    const wasAlive = await nextBeat(heart.reader);
    heart.reader.reset();
    await work();
    const isAlive = await nextBeat(heart.reader);
    return wasAlive && isAlive ? heart.reader.longestStallMs() : null;
  } finally {
    heart.setBeating(false);
  }
}

async function nextBeat(reader: HeartbeatReader): Promise<boolean> {
  const before = reader.beatCount();
  for (let waitedMs = 0; waitedMs < BEAT_DEADLINE_MS; waitedMs += POLL_MS) {
    if (reader.beatCount() > before) return true;
    await delay(POLL_MS);
  }
  return false;
}
