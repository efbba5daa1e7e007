import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const THREADS = '/proc/self/task';
/** Pools that replace their workers do so within seconds under load. */
const WATCH_MS = 1_000;

/**
 * Why workers must not be attached to now; null when they may be.
 *
 * Node aborts the process when an inspector message for a worker meets the last instruction of that worker's end:
 * `MainThreadInterface::Post` takes `shared_from_this()` of an object whose destructor waits for the same lock
 * (src/inspector/main_thread_interface.cc, Node 22, 24 and 26). Measured with 35 to 70 workers that end per second and 130
 * attach and detach cycles per second: one abort in 20 to 60 s, that is one in 10⁴ cycles; without attaching none. So
 * nothing is attached while threads come to an end. What is left is the worker that ends by chance in the same microsecond.
 */
export async function findWorkerChurn(watchMs: number = WATCH_MS): Promise<string | null> {
  const before = await readThreads();
  if (before === null) return null; // no /proc: not Linux, nothing to see
  await delay(watchMs);
  const after = new Set(await readThreads());
  const endedCount = before.filter((thread) => !after.has(thread)).length;
  if (endedCount === 0) return null;
  return `${endedCount} threads of the process ended within ${watchMs} ms; Node may abort when a worker ends while it is attached to, so workers are asked only when they stay`;
}

async function readThreads(): Promise<string[] | null> {
  try {
    return await readdir(THREADS);
  } catch {
    return null;
  }
}
