import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterChild } from '@heapfloor/contract';
import { listNames } from '../capture/artifact-retention.ts';
import { hasLiveOwner } from './claim-directory.ts';

/**
 * The children of a `cluster` primary that have a control of their own: processes, so each has its own gate, its own key
 * check and its own memory to watch. Who wants them all sends each a command.
 */
export function listClusterChildren(base: string, instance: string): ClusterChild[] {
  const child = `${instance}-cluster-`;
  // Never throws: the capture has begun by now.
  return listNames(base).flatMap((folder) => {
    const name = decodeName(folder);
    const socketPath = join(base, folder, 'control.sock');
    if (!name.startsWith(child) || !/^\d+$/.test(name.slice(child.length)) || !existsSync(socketPath))
      return [];
    return hasLiveOwner(join(base, folder)) ? [{ instance: name, address: `unix:${socketPath}` }] : [];
  });
}

/** A folder of another origin has no name that we gave. */
function decodeName(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    return '';
  }
}
