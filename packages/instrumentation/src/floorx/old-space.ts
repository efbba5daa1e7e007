import { getHeapSpaceStatistics } from 'node:v8';

/** New space is empty right after a major GC; a late reading must not count what was allocated there since. */
const NEW_SPACES = new Set(['new_space', 'new_large_object_space']);

/** Bytes in use outside of new space. About 3 µs. */
export function readUsedOldBytes(): number {
  let bytes = 0;
  for (const space of getHeapSpaceStatistics()) {
    if (!NEW_SPACES.has(space.space_name)) bytes += space.space_used_size;
  }
  return bytes;
}
