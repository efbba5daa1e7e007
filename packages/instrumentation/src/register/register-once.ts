import { setTimeout } from 'node:timers';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { createWorkerMemory, readSettings, WORKER_MEMORY_KEY, type WorkerSettings } from './worker-memory.ts';

/** One per isolate, whoever comes first: `--require`, `--import`, or a second copy of this package. */
const STARTED = Symbol.for('@heapfloor/instrumentation:register');

/**
 * Starts register mode in this thread, once. Everything is loaded from here by `import()`, so that nothing above waits:
 * `require()` refuses a module that does. Never rejects.
 */
export async function registerOnce(): Promise<void> {
  const isolate = globalThis as { [STARTED]?: Promise<void> };
  const started = isolate[STARTED] ?? (isMainThread ? registerMain() : registerWorker());
  try {
    isolate[STARTED] = started;
  } catch {
    // A frozen global object: it can't start twice only if it is asked once.
  }
  await started;
}

async function registerMain(): Promise<void> {
  const memory = createWorkerMemory();
  // Before the first turn: behind `--require` the app may start a worker at once.
  setEnvironmentData(WORKER_MEMORY_KEY, memory);
  const { registerMainThread } = await import('./register-main-thread.ts');
  await registerMainThread(memory);
}

/**
 * A worker that lives for less than a second is not watched: what we load would double what such a worker costs (30 ms
 * of CPU time, 7 MB).
 */
const WORKER_DELAY_MS = 1000;
const LAST_RETRY_MS = 60_000;

async function registerWorker(): Promise<void> {
  const memory = getEnvironmentData(WORKER_MEMORY_KEY);
  // The main thread has no register mode.
  if (!(memory instanceof SharedArrayBuffer)) return;
  const settings = readSettings(memory);
  const intervalMs = typeof settings === 'string' ? WORKER_DELAY_MS : settings.intervalMs;
  watchAfter(memory, Math.min(WORKER_DELAY_MS, intervalMs));
}

function watchAfter(memory: SharedArrayBuffer, delayMs: number): void {
  const timer = setTimeout(() => {
    const settings = readSettings(memory);
    // Behind `--require`, an app that keeps its main thread busy.
    if (settings === 'pending') watchAfter(memory, Math.min(delayMs * 2, LAST_RETRY_MS));
    else if (settings !== 'off') void startWorker(settings);
  }, delayMs);
  timer.unref();
}

async function startWorker(settings: WorkerSettings): Promise<void> {
  try {
    if (settings.mode === 'post') (await import('./start-posting.ts')).startPosting(settings);
    else (await import('./attach-worker.ts')).attachWorker(settings);
  } catch {
    // What is missing is missing in the main thread too, and was said there.
  }
}
