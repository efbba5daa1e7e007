import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readLiveOwner } from './claim-directory.ts';

/**
 * Deletes the folders of instances that ended long ago. The default instance is hostname-pid, new at every start, so
 * nobody else would ever remove their snapshots. Only folders that a control has marked are touched.
 */
export function sweepInstances(base: string, artifactMaxAgeMs: number): void {
  for (const entry of readdirSync(base, { withFileTypes: true })) {
    const directory = join(base, entry.name);
    if (entry.isDirectory() && isAbandoned(directory, Date.now() - artifactMaxAgeMs)) {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

function isAbandoned(directory: string, olderThanMs: number): boolean {
  try {
    const names = readdirSync(directory);
    if (!names.includes('owner.json') || readLiveOwner(directory) !== null) return false;
    return names.every((name) => statSync(join(directory, name)).mtimeMs < olderThanMs);
  } catch {
    return false; // not ours to read, or gone meanwhile
  }
}
