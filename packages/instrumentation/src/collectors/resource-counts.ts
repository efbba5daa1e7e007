/** Four names and `other`: the bound keeps the series few, whatever the app opens. */
const MAX_NAMES = 4;
const OTHER_NAME = 'other';
/** These leak most often, so that a name is kept for each of them. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['Timeout', 'TCPSocketWrap', 'TCPServerWrap']);
/** A free name is for what grows: two pipes of stdout must not take it from a thousand file watchers. */
const MIN_COUNT_FOR_NAME = 10;

/**
 * Takes over a sample. A type that has a name keeps it, and one that vanished becomes 0: an SDK would go on exporting
 * its last count.
 */
export function updateCounts(counts: Map<string, number>, sample: ReadonlyMap<string, number>): void {
  for (const name of counts.keys()) counts.set(name, 0);
  // The largest first: where two want the last free name, the larger gets it.
  for (const [type, count] of [...sample].toSorted(([, a], [, b]) => b - a)) {
    const name = isNamed(counts, type, count) ? type : OTHER_NAME;
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
}

function isNamed(counts: ReadonlyMap<string, number>, type: string, count: number): boolean {
  if (RESERVED_NAMES.has(type)) return true;
  // Node has no such type, but the bound must hold whatever it says.
  if (type === OTHER_NAME) return false;
  if (counts.has(type)) return true;
  const named = [...counts.keys()].filter((name) => name !== OTHER_NAME && !RESERVED_NAMES.has(name));
  return count >= MIN_COUNT_FOR_NAME && named.length < MAX_NAMES - RESERVED_NAMES.size;
}
