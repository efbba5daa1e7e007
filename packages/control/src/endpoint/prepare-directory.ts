import { lstatSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What decides about a folder or a link, by lstat(2). */
export interface FolderFacts {
  readonly path: string;
  readonly uid: number;
  /** With the sticky bit, without the file's type. */
  readonly mode: number;
  /** Another file system than its parent's. */
  readonly isMountPoint: boolean;
}

/**
 * A folder that only this user can enter, at a place where no other user can put another one.
 * @returns what is wrong with it, with what to do; null when it can be used.
 */
export function prepareDirectory(directory: string): string | null {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const uid = process.getuid?.() ?? null;
    const problem = uid === null ? null : findProblem(directory, uid);
    if (problem !== null) return problem;
    const probe = join(directory, `.write-probe-${process.pid}-${process.hrtime.bigint()}.tmp`);
    writeFileSync(probe, '', { mode: 0o600, flag: 'wx' });
    rmSync(probe);
    return null;
  } catch (error) {
    return `${directory} can't be used: ${(error as Error).message}`;
  }
}

function findProblem(directory: string, uid: number): string | null {
  const link = lstatSync(directory);
  if (link.isSymbolicLink()) {
    const problem = judgeLink({ path: directory, uid: link.uid }, uid);
    if (problem !== null) return problem;
  }
  const path = realpathSync(directory);
  // Both: who can change the folder that a link lies in can change the link.
  const parents = new Set([...ancestors(path), ...ancestors(join(realpathSync(dirname(directory)), 'x'))]);
  const problems = [
    judgeFolder(readFacts(path), uid),
    ...Array.from(parents, (parent) => judgeParent(readFacts(parent), uid)),
  ];
  return problems.find((problem) => problem !== null) ?? null;
}

/** A link of another user may point to a folder of ours that is meant for something else. */
export function judgeLink({ path, uid }: Pick<FolderFacts, 'path' | 'uid'>, ownUid: number): string | null {
  if (uid === 0 || uid === ownUid) return null;
  return `${path} is a symbolic link of user ${uid}; give the folder itself`;
}

export function judgeFolder({ path, uid, mode }: FolderFacts, ownUid: number): string | null {
  if (uid !== ownUid) {
    return `${path} belongs to user ${uid}; give a folder of the user that the app runs as`;
  }
  if ((mode & 0o077) === 0) return null;
  return `${path} has mode ${(mode & 0o777).toString(8)}; others must not enter it: chmod 700`;
}

/**
 * Who owns a folder above, or may write to it, can move ours away and put one of his own there. Sticky folders like /tmp
 * do not allow it. A volume of Kubernetes is a mount point of root with mode 777 and not sticky; it is the pod's own.
 */
export function judgeParent({ path, uid, mode, isMountPoint }: FolderFacts, ownUid: number): string | null {
  const isOwners = uid === 0 || uid === ownUid;
  if (!isOwners)
    return `${path}, above it, belongs to user ${uid}, who could replace it; give another folder`;
  const isOpen = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
  if (!isOpen || (isMountPoint && uid === 0)) return null;
  return `${path}, above it, can be written by all (mode ${(mode & 0o7777).toString(8)}); chmod o-w or +t, or give another folder`;
}

function readFacts(path: string): FolderFacts {
  const { uid, mode, dev } = statSync(path);
  return { path, uid, mode: mode & 0o7777, isMountPoint: statSync(dirname(path)).dev !== dev };
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}
