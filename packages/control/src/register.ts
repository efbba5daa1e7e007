/** `node --import @heapfloor/control/register app.js`: control as the environment asks for it, off when it does not. */
import { isMainThread } from 'node:worker_threads';
import { startControl } from './start-control.ts';

if (isMainThread && Object.keys(process.env).some((name) => name.startsWith('HEAPFLOOR_CONTROL_'))) {
  try {
    await startControl({}, { env: process.env });
  } catch (error) {
    // The app must run whatever its control does; one message says why it is off.
    process.stderr.write(`heapfloor: control stays off: ${(error as Error).message}\n`);
  }
}
