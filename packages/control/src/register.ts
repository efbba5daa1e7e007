/** `node --import @heapfloor/control/register app.js`: control as the environment asks for it, off when it does not. */
import { isMainThread } from 'node:worker_threads';
import { startControlUnheld } from './start-control.ts';

if (isMainThread && Object.keys(process.env).some((name) => name.startsWith('HEAPFLOOR_CONTROL_'))) {
  // Not awaited: the app does not wait for its control, and may end before it listens.
  startControlUnheld(process.env).catch((error: unknown) => {
    process.stderr.write(`heapfloor: control stays off: ${(error as Error).message}\n`);
  });
}
