import { utimesSync } from 'node:fs';
import { describeError } from '@heapfloor/contract/errors';
import { claimFile, claimPath, readClaim } from '../ledger/claim-file.ts';
import {
  isSameProcess,
  judgeLiveness,
  readOwnIdentity,
  type Liveness,
  type ProcessIdentity,
} from '../ledger/process-identity.ts';

/** Files `owner.<n>.json` mark whose folder it is; the highest number counts. */
export const OWNER = 'owner';

/** How often {@link keepClaim} says that the owner lives. Unit: ms. */
export const KEEP_CLAIM_INTERVAL_MS = 15 * 60_000;

/**
 * Marks an instance's folder as this process's. A child process inherits HEAPFLOOR_CONTROL_* and so the instance; without
 * the mark it would take over its parent's socket and clean away the files of its parent's running capture.
 *
 * An owner of another pid namespace or machine cannot be asked whether it lives. Its folder is taken over: a container
 * that is started anew finds exactly this. Two containers must not share both the folder and the instance's name.
 * @returns what is wrong, or null.
 */
export function claimDirectory(
  directory: string,
  instance: string,
  self: ProcessIdentity = readOwnIdentity(),
): string | null {
  try {
    const claim = claimFile({
      directory,
      name: OWNER,
      self,
      isFree: (holder) => isSameProcess(holder, self) || judgeLiveness(holder, self) !== 'alive',
    });
    if (claim.isTaken) return null;
    return `instance: ${instance} is process ${claim.holder.pid} already (${claim.path}); give each process its own HEAPFLOOR_CONTROL_INSTANCE, or clear HEAPFLOOR_CONTROL_KINDS for this one`;
  } catch (error) {
    return `${directory} can't be claimed: ${describeError(error)}; give a folder that this user may write to`;
  }
}

/** Lets who sweeps from another pid namespace see that the owner lives. Call it every {@link KEEP_CLAIM_INTERVAL_MS}. */
export function keepClaim(directory: string): void {
  try {
    const now = new Date();
    utimesSync(claimPath(directory, OWNER), now, now);
  } catch {
    // Read-only, or gone: whoever swept it has already done so.
  }
}

/** Null where no control has ever claimed the folder, or its mark cannot be read. */
export function readOwner(
  directory: string,
  self: ProcessIdentity = readOwnIdentity(),
): { pid: number; liveness: Liveness } | null {
  try {
    const holder = readClaim(directory, OWNER);
    return holder === null ? null : { pid: holder.pid, liveness: judgeLiveness(holder, self) };
  } catch {
    return null;
  }
}

/** False where the owner is certainly gone. */
export function hasLiveOwner(directory: string): boolean {
  const owner = readOwner(directory);
  return owner !== null && owner.liveness !== 'gone';
}
