import { describeStartFailure } from './describe-start-failure.ts';
import { isPackageManager } from './package-manager.ts';
import { publishSettings, type WorkerSettings } from './worker-memory.ts';
import { createLineWriter } from './write-line.ts';

/** Starts register mode in the main thread; says why in one line if it can't. Never rejects. */
export async function registerMainThread(memory: SharedArrayBuffer): Promise<void> {
  publishSettings(memory, isPackageManager(process.argv[1]) ? null : await start());
}

async function start(): Promise<WorkerSettings | null> {
  const write = createLineWriter();
  try {
    // Loaded here and not above, so that a missing package is one line and not the end of the app.
    const { startRegister } = await import('./start-register.ts');
    return await startRegister(process.env, write);
  } catch (error) {
    write(describeStartFailure(error).join(': '));
    return null;
  }
}
