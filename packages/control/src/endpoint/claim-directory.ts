import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Owner {
  readonly pid: number;
  /** Of that process; null where the system does not tell. A pid alone is reused, in containers at once. */
  readonly startedAtTicks: string | null;
}

const OWNER_FILE = 'owner.json';

/**
 * Marks an instance's folder as this process's. A child process inherits HEAPFLOOR_CONTROL_* and so the instance; without
 * the mark it would take over its parent's socket and clean away the files of its parent's running capture.
 * @returns what is wrong, or null.
 */
export function claimDirectory(directory: string, instance: string): string | null {
  const owner = readLiveOwner(directory);
  if (owner !== null && owner.pid !== process.pid) {
    return `instance: ${instance} is process ${owner.pid} already (${join(directory, OWNER_FILE)}); give each process its own HEAPFLOOR_CONTROL_INSTANCE, or clear HEAPFLOOR_CONTROL_KINDS for this one`;
  }
  const self: Owner = { pid: process.pid, startedAtTicks: readStartTicks(process.pid) };
  writeFileSync(join(directory, OWNER_FILE), JSON.stringify(self), { mode: 0o600 });
  return null;
}

/** Whose folder it is; null when that process is gone. */
export function readLiveOwner(directory: string): Owner | null {
  try {
    const owner = JSON.parse(readFileSync(join(directory, OWNER_FILE), 'utf8')) as Owner;
    process.kill(owner.pid, 0);
    return owner.startedAtTicks === readStartTicks(owner.pid) ? owner : null;
  } catch {
    return null; // no mark, a broken one, or no such process
  }
}

/** Field 22 of /proc/<pid>/stat, see proc_pid_stat(5); the name in field 2 may hold spaces and parentheses. */
function readStartTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null; // not Linux
  }
}
