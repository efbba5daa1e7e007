import type { StringTable } from '../snapshot/string-table.ts';
import { createNameTest } from './name-test.ts';

/** V8 writes a WeakMap's entry as two edges to the value, one from the key and one from the table, with one name. */
export interface EphemeronName {
  /** Equal for the two edges of one entry. */
  readonly pairId: number;
  /** Node id of the table. */
  readonly tableId: number;
}

export type EphemeronNames = (stringIndex: number) => EphemeronName | null;

/** DevTools' own pattern: `tryParseWeakMapEdgeName` in HeapSnapshot.ts. */
const EPHEMERON_NAME =
  /^\d+(?<pair> \/ part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table @(?<table>\d+)\))$/;

/** Finds the entry that an internal edge's name tells of, null for the many other names. */
export function createEphemeronNames(strings: StringTable): EphemeronNames {
  const isCandidate = createNameTest(strings, (text) => EPHEMERON_NAME.test(text));
  const pairIds = new Map<string, number>();
  const parsed = new Map<number, EphemeronName>();
  return (stringIndex) => {
    if (!isCandidate(stringIndex)) return null;
    let name = parsed.get(stringIndex);
    if (name === undefined) {
      const { pair = '', table = '' } = EPHEMERON_NAME.exec(strings.get(stringIndex))?.groups ?? {};
      const pairId = pairIds.get(pair) ?? pairIds.size;
      pairIds.set(pair, pairId);
      name = { pairId, tableId: Number.parseInt(table, 10) };
      parsed.set(stringIndex, name);
    }
    return name;
  };
}
