import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** From the control thread to the main thread, when the ledger is open. */
export interface ExitNote {
  readonly path: string;
  readonly token: string;
}

/**
 * Says that captures which run now end with an app, or a control thread, that ends by itself: they did not kill it. For
 * the main thread's `exit` handler: synchronous, loads no zod, never throws. Where no attempt was ever begun there is no
 * file, and none is made.
 */
export function noteExit({ path, token }: ExitNote): void {
  try {
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND);
    writeSync(descriptor, `\n${JSON.stringify({ type: 'exit', token, atMs: Date.now() })}\n`);
    closeSync(descriptor);
  } catch {
    // No ledger, or a full disk. The next start then takes the app's end for a death, which is the safe side.
  }
}
