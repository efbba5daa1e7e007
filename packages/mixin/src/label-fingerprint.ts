/** FNV-1a, 64 bits: offset basis and prime of the reference (http://www.isthe.com/chongo/tech/comp/fnv/). */
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
/** Between names and values, as it cannot be part of UTF-8 text. */
const SEPARATOR = 0xff;

/**
 * Hash of a label set, 16 hex digits. The algorithm is prometheus/common `model/signature.go`, so that the same labels
 * have the same fingerprint here and in Alertmanager.
 */
export function labelFingerprint(labels: Readonly<Record<string, string>>): string {
  let hash = FNV_OFFSET;
  const add = (bytes: Iterable<number>): void => {
    for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  };
  for (const [name, value] of sortedLabels(labels)) {
    add(Buffer.from(name));
    add([SEPARATOR]);
    add(Buffer.from(value));
    add([SEPARATOR]);
  }
  return hash.toString(16).padStart(16, '0');
}

/** By bytes, as Go sorts text; JavaScript's own order differs beyond the basic plane only. */
export function sortedLabels(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
