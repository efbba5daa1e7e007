import { readGlobalMeterProvider } from '../await-meter-provider.ts';
import { HeapfloorInstrumentation } from '../instrumentation.ts';
import type { WorkerSettings } from './worker-memory.ts';

/** Watches this worker by its own SDK, which it has inherited with us; without one there is nobody to export. */
export function attachWorker({ config }: WorkerSettings): void {
  if (readGlobalMeterProvider() !== null) void new HeapfloorInstrumentation(config);
}
