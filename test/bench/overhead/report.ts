import { aaSpread, createColumns, type Column, type ColumnName, type Measured } from './columns.ts';
import { compare, median, type Verdict } from './spread.ts';
import { VARIANT_NAMES } from './variants.ts';

const OURS = ['plugin', 'pluginAll', 'register'];
/** Exports by OTLP too. */
const PEER = 'runtimeNode';

export function toTable(measured: Measured): string[][] {
  const columns = Object.values(createColumns(measured));
  const shown = columns.filter(({ readings }) => Object.keys(readings).length > 0);
  return [
    ['variant', ...shown.flatMap(({ title, base }) => [title, `over ${base}`])],
    ...VARIANT_NAMES.map((name) => [name, ...shown.flatMap((column) => toCells(column, name))]),
    ['A/A spread', ...shown.flatMap((column) => [column.show(aaSpread(column)), ''])],
    ...OURS.map((ours) => [
      `${ours} : ${PEER}`,
      ...shown.flatMap((column) => [verdict(column, ours, PEER) ?? '', '']),
    ]),
  ];
}

export function toResults(measured: Measured): Record<string, unknown> {
  const columns = Object.entries(createColumns(measured)) as [ColumnName, Column][];
  const ofVariants = columns.filter(([, { base }]) => base === 'bare');
  const entries = VARIANT_NAMES.map((name) => [
    name,
    Object.fromEntries(ofVariants.map(([column, { readings }]) => [column, figure(readings[name])])),
  ]);
  const verdicts = OURS.map((ours) => [
    ours,
    Object.fromEntries(columns.map(([name, column]) => [name, verdict(column, ours, PEER)])),
  ]);
  return {
    ...Object.fromEntries(entries),
    aaSpread: Object.fromEntries(columns.map(([name, column]) => [name, aaSpread(column)])),
    verdicts: Object.fromEntries(verdicts),
    collection: measured.collections,
    gc: measured.gcs,
    calmGc: measured.calmGcs,
    rounds: { idle: measured.idle, instructionsPerRequest: measured.instructions },
  };
}

/** The figure, and what it is more than the base: nothing where it lies inside what equal things differ by. */
function toCells(column: Column, name: string): [string, string] {
  const own = column.base === 'bare' || name !== 'bare' ? name : column.base;
  const readings = column.readings[own];
  const base = column.readings[column.base];
  if (readings === undefined || base === undefined) return ['', ''];
  const medians = column.medians?.[own];
  const beside = medians === undefined ? '' : ` / ${column.show(median(medians))}`;
  const shown = `${column.show(median(readings))}${beside}`;
  if (own === column.base) return [shown, ''];
  const more = median(readings) - median(base);
  const isDifferent = compare(readings, base, aaSpread(column)) !== 'no difference';
  return [shown, isDifferent ? `${more > 0 ? '+' : ''}${column.show(more)}` : 'no difference'];
}

function verdict(column: Column, one: string, other: string): Verdict | null {
  const [left, right] = [column.readings[one], column.readings[other]];
  return left === undefined || right === undefined ? null : compare(left, right, aaSpread(column));
}

function figure(readings: readonly number[] | undefined): number | null {
  return readings === undefined ? null : median(readings);
}
