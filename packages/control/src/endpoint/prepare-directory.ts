import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A folder that only this user can enter.
 * @returns what is wrong with it, with what to do; null when it can be used.
 */
export function prepareDirectory(directory: string): string | null {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(directory);
    if (process.getuid !== undefined && uid !== process.getuid()) {
      return `${directory} belongs to user ${uid}; give a folder of the user that the app runs as`;
    }
    if ((mode & 0o077) !== 0) {
      return `${directory} has mode ${(mode & 0o777).toString(8)}; others must not enter it: chmod 700`;
    }
    const probe = join(directory, `.write-probe-${randomUUID()}`);
    writeFileSync(probe, '', { mode: 0o600, flag: 'wx' });
    rmSync(probe);
    return null;
  } catch (error) {
    return `${directory} can't be used: ${(error as Error).message}`;
  }
}
