import type { HeapfloorInstrumentationConfig } from '../options.ts';

/**
 * How the main thread tells workers what to do: memory that they share by `setEnvironmentData`. It is there before the
 * first worker can start, and filled in once the main thread knows. Imports nothing: every worker loads this file.
 */
export const WORKER_MEMORY_KEY = '@heapfloor/instrumentation:register';

/** What a worker needs to know. */
export interface WorkerSettings {
  /** `post`: send figures to the main thread. `attach`: use the SDK of the worker itself, if it has one. */
  readonly mode: 'post' | 'attach';
  readonly intervalMs: number;
  readonly config: HeapfloorInstrumentationConfig;
}

const PENDING = 0;
const ON = 1;
const OFF = 2;

const HEADER_BYTES = 8;
const MEMORY_BYTES = 1024;

export function createWorkerMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(MEMORY_BYTES);
}

/** @param settings - null: workers are not watched. */
export function publishSettings(memory: SharedArrayBuffer, settings: WorkerSettings | null): void {
  const header = new Int32Array(memory, 0, 2);
  if (settings !== null) {
    const bytes = new TextEncoder().encode(JSON.stringify(settings));
    new Uint8Array(memory, HEADER_BYTES).set(bytes);
    Atomics.store(header, 1, bytes.length);
  }
  Atomics.store(header, 0, settings === null ? OFF : ON);
}

export function readSettings(memory: SharedArrayBuffer): WorkerSettings | 'pending' | 'off' {
  const header = new Int32Array(memory, 0, 2);
  const state = Atomics.load(header, 0);
  if (state === PENDING) return 'pending';
  if (state !== ON) return 'off';
  const bytes = new Uint8Array(memory, HEADER_BYTES, Atomics.load(header, 1));
  // The decoder takes no shared memory.
  return JSON.parse(new TextDecoder().decode(bytes.slice())) as WorkerSettings;
}
