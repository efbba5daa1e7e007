import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppOptions } from './control-app.fixture.ts';

/**
 * An app that starts control itself, in a thread with little memory that does what files in `folder` say. The faults come
 * from outside: the app gives `Worker` one more module to load.
 */
export function withFaults(
  folder: string,
  { code = 'setInterval(() => {}, 1000)', ...rest }: AppOptions,
): AppOptions {
  const fault = new URL(
    `./control-thread-fault.fixture.ts?folder=${encodeURIComponent(folder)}`,
    import.meta.url,
  ).href;
  const start = new URL('../start-control.ts', import.meta.url).href;
  return {
    ...rest,
    isRegistered: false,
    code: `const threads = require('node:worker_threads');
      threads.Worker = class extends threads.Worker {
        constructor(file, options) {
          super(file, { ...options, resourceLimits: { maxOldGenerationSizeMb: 64 },
            execArgv: [...options.execArgv, '--import', ${JSON.stringify(fault)}] });
        }
      };
      require('node:module').syncBuiltinESMExports();
      import(${JSON.stringify(start)}).then(({ startControlUnheld }) => startControlUnheld(process.env));
      ${code}`,
  };
}

/** Read at each look at the clock, so whole or not at all. */
export function setClock(folder: string, offsetMs: number): void {
  const path = join(folder, 'clock-offset-ms');
  writeFileSync(`${path}.next`, String(offsetMs));
  renameSync(`${path}.next`, path);
}

export function breakControlThread(folder: string, fault: 'crash' | 'exhaust'): void {
  writeFileSync(join(folder, fault), '');
}
