import { fstatSync, writeSync } from 'node:fs';

/** Writes one line about a problem; the app goes on. */
export type Report = (code: string, message: string) => void;

const MAX_LENGTH = 1000;

/**
 * Writes lines to stderr. Not `process.stderr`: a closed pipe there becomes an `error` event that can end the app.
 * @param fd - of stderr. The app may close it, and its next file or socket gets the number: nothing is written there.
 */
export function createLineWriter(fd = 2): (line: string) => void {
  const identity = readIdentity(fd);
  return (line) => {
    try {
      if (identity === null || readIdentity(fd) !== identity) return;
      writeSync(fd, `heapfloor: ${line.replaceAll(/\s+/g, ' ').slice(0, MAX_LENGTH)}\n`);
    } catch {
      // Nobody reads stderr; there is nobody else to tell.
    }
  };
}

function readIdentity(fd: number): string | null {
  try {
    const { dev, ino } = fstatSync(fd);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
