import type { CollectionArm, Cost, GcArm } from './in-process.ts';
import type { IdleReadings } from './idle.ts';
import type { InstructionReadings } from './instructions.ts';
import { range, type Readings } from './spread.ts';

export interface Measured {
  readonly idle: IdleReadings;
  readonly instructions: InstructionReadings | null;
  readonly collections: Readonly<Record<CollectionArm, Cost>>;
  readonly gcs: Readonly<Record<GcArm, Cost>>;
  readonly calmGcs: Readonly<Record<GcArm, Cost>>;
}

/** One quantity of all variants, by the variant's name. */
export interface Column {
  readonly title: string;
  /** What a variant is held against, and the same thing once more: the A/A arm. */
  readonly base: string;
  readonly again: string;
  readonly readings: Readonly<Partial<Record<string, Readings>>>;
  /** Shown beside the figure; no verdict rests on it. */
  readonly medians?: Readonly<Partial<Record<string, Readings>>>;
  readonly show: (value: number) => string;
}

export type ColumnName =
  | 'idleCpuSecondsPerHour'
  | 'rssBytes'
  | 'series'
  | 'instructionsPerRequest'
  | 'collectionUs'
  | 'gcUs'
  | 'calmGcUs';

const MIB = 1024 * 1024;

export function createColumns(measured: Measured): Readonly<Record<ColumnName, Column>> {
  const { idle, instructions, collections, gcs, calmGcs } = measured;
  const bare = { base: 'bare', again: 'again' };
  return {
    idleCpuSecondsPerHour: {
      ...bare,
      title: 'idle CPU s/h',
      readings: pick(idle, ({ cpuSecondsPerHour }) => cpuSecondsPerHour),
      show: (seconds) => seconds.toFixed(2),
    },
    rssBytes: {
      ...bare,
      title: 'RSS MiB',
      readings: pick(idle, ({ rssBytes }) => rssBytes),
      show: (bytes) => (bytes / MIB).toFixed(1),
    },
    series: { ...bare, title: 'series', readings: pick(idle, ({ series }) => series), show: String },
    instructionsPerRequest: {
      ...bare,
      title: 'k instructions/request',
      readings: instructions ?? {},
      show: (count) => (count / 1000).toFixed(1),
    },
    collectionUs: {
      base: 'sdk',
      again: 'sdkAgain',
      title: 'collection µs',
      readings: mapValues(collections, ({ p10Us }) => p10Us),
      medians: mapValues(collections, ({ medianUs }) => medianUs),
      show: (us) => us.toFixed(0),
    },
    gcUs: gcColumn(
      'minor GC µs, many',
      mapValues(gcs, ({ p10Us }) => p10Us),
    ),
    // Not the p10: what grows from block to block must show.
    calmGcUs: gcColumn(
      'few',
      mapValues(calmGcs, ({ medianUs }) => medianUs),
    ),
  };
}

function gcColumn(title: string, readings: Column['readings']): Column {
  return {
    base: 'none',
    again: 'again',
    title,
    readings,
    show: (us) => us.toFixed(1),
  };
}

/** What equal things differ by: all readings of the base and of the A/A arm together. */
export function aaSpread({ readings, base, again }: Column): number {
  return range([...(readings[base] ?? []), ...(readings[again] ?? [])]);
}

function pick(
  idle: IdleReadings,
  read: (reading: IdleReadings['bare'][number]) => number,
): Record<string, Readings> {
  return mapValues(idle, (readings) => readings.map(read));
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
