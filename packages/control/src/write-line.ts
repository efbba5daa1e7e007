import { writeSync } from 'node:fs';

/** One line on stderr. Not `process.stderr`: a closed pipe there becomes an `error` event that can end the app. */
export function writeLine(code: string, message: string): void {
  try {
    writeSync(2, `heapfloor: ${code}: ${message.replaceAll(/\s+/g, ' ').slice(0, 2000)}\n`);
  } catch {
    // Nobody reads stderr; there is nobody else to tell.
  }
}
