import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KEEP_CLAIM_INTERVAL_MS, readOwner } from './claim-directory.ts';

/** Evidence of who commanded what outlives the artifacts, and is small. Unit: ms. */
const AUDIT_MAX_AGE_MS = 30 * 24 * 3_600_000;
/** An owner elsewhere that has not marked its folder for so long is gone. Unit: ms. */
const SILENT_MS = 4 * KEEP_CLAIM_INTERVAL_MS;
const SWEPT_PREFIX = '.swept-';
/** Beside the instances; `ledger` may also be one, whose folder then stays. */
const LEDGER_FOLDER = 'ledger';

/**
 * Deletes the folders of instances that ended long ago. The default instance is hostname-pid, new at every start, so
 * nobody else would ever remove their snapshots. Only folders that a control has marked are touched, and of their files
 * those of the audit log stay longer.
 */
export function sweepInstances(base: string, artifactMaxAgeMs: number): void {
  for (const entry of readdirSync(base, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === LEDGER_FOLDER) continue;
    const directory = join(base, entry.name);
    try {
      if (entry.name.startsWith(SWEPT_PREFIX)) rmSync(directory, { recursive: true, force: true });
      else if (isAbandoned(directory, artifactMaxAgeMs)) sweepInstance(base, directory);
    } catch {
      // Not ours to read, or gone meanwhile.
    }
  }
}

function isAbandoned(directory: string, artifactMaxAgeMs: number): boolean {
  const owner = readOwner(directory);
  if (owner === null || owner.liveness === 'alive') return false;
  const maxAgeMs = owner.liveness === 'gone' ? artifactMaxAgeMs : Math.max(artifactMaxAgeMs, SILENT_MS);
  const names = readdirSync(directory).filter((name) => !isAuditFile(name));
  // The owner's mark is one of them, so nothing here is younger than its last start.
  return names.every((name) => isOlder(join(directory, name), maxAgeMs));
}

function sweepInstance(base: string, directory: string): void {
  const names = readdirSync(directory);
  const isAuditKept = names.some(
    (name) => isAuditFile(name) && !isOlder(join(directory, name), AUDIT_MAX_AGE_MS),
  );
  if (!isAuditKept) {
    sweepWhole(base, directory);
    return;
  }
  for (const name of names) {
    if (!isAuditFile(name) && !isOwnerFile(name))
      rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** Moved away first: an instance that starts meanwhile claims a new folder, or is seen and gets this one back. */
function sweepWhole(base: string, directory: string): void {
  const moved = join(base, `${SWEPT_PREFIX}${process.pid}-${process.hrtime.bigint()}`);
  renameSync(directory, moved);
  if (readOwner(moved)?.liveness === 'alive') renameSync(moved, directory);
  else rmSync(moved, { recursive: true, force: true });
}

function isAuditFile(name: string): boolean {
  return /^audit(?:\.[0-9]+)?\.jsonl$/.test(name);
}

function isOwnerFile(name: string): boolean {
  return /^owner\.[0-9]+\.json$/.test(name);
}

function isOlder(path: string, ageMs: number): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || stats.mtimeMs < Date.now() - ageMs;
}
