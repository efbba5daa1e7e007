/**
 * Our floor against `--trace-gc` of the same process: how wrong, and how often there is a value at all. Both matter: a
 * reading that is right because all difficult ones were dropped is no help near the limit.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const name = 'floor-accuracy';

const MIB = 1024 * 1024;
const WORKLOADS = ['server', 'sawtooth', 'blocked', 'slow-leak'] as const;
const SECONDS = 10;
const LIMIT_MIB = 200;
const PROGRAM = fileURLToPath(
  new URL('../../packages/instrumentation/src/testing/floor-workload.ts', import.meta.url),
);

interface Report {
  readonly limitBytes: number;
  readonly readings: readonly [majorOrdinal: number, bytes: number, method: string][];
  readonly lag: number;
  readonly batch: number;
}

/** Of one workload. V8 prints tenths of a MiB: 0.05 MiB is no error, and it is much of a small floor. */
interface Accuracy {
  readonly majorCount: number;
  readonly readingCount: number;
  readonly exactCount: number;
  readonly medianErrorRatio: number;
  readonly maxErrorRatio: number;
  readonly maxErrorMib: number;
  /** Major GCs above half of the limit, and the share of them that gave a value. */
  readonly aboveHalfCount: number;
  /** Null where no major GC ended above half of the limit. */
  readonly aboveHalfCoverageRatio: number | null;
}

export async function run(): Promise<{ table: string[][]; results: Record<string, unknown> }> {
  const table = [
    ['workload', 'majors', 'read', 'exact', 'median error', 'max error', 'max MiB', 'above half', 'covered'],
  ];
  const results: Record<string, Accuracy> = {};
  for (const workload of WORKLOADS) {
    const accuracy = await measure(workload);
    results[workload] = accuracy;
    table.push(toRow(workload, accuracy));
  }
  return { table, results };
}

async function measure(workload: string): Promise<Accuracy> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--conditions=@heapfloor/source',
      '--trace-gc',
      `--max-old-space-size=${LIMIT_MIB}`,
      PROGRAM,
      workload,
      String(SECONDS),
    ],
    { maxBuffer: 64 * MIB },
  );
  const trueMib = [...stdout.matchAll(/Mark-Compact.*? -> ([\d.]+) \(/g)].map(([, mib]) => Number(mib));
  const reportLine = stdout.split('\n').find((line) => line.startsWith('{"limitBytes"'));
  if (reportLine === undefined) throw new Error(`workload ${workload} ended without a report`);
  return compare(trueMib, JSON.parse(reportLine) as Report);
}

function compare(trueMib: readonly number[], { limitBytes, readings }: Report): Accuracy {
  // Without a reading every error would be none.
  if (readings.length === 0) throw new Error(`no reading in ${trueMib.length} major GCs`);
  const before = majorsBefore(trueMib, readings);
  const errors = errorRatios(trueMib, readings, before);
  const read = new Set(readings.map(([ordinal]) => ordinal));
  const aboveHalf = trueMib
    .map((mib, index) => ({ mib, ordinal: index - before + 1 }))
    .filter(({ mib, ordinal }) => ordinal > 0 && mib * MIB > limitBytes / 2);
  const covered = aboveHalf.filter(({ ordinal }) => read.has(ordinal));
  return {
    majorCount: trueMib.length - before,
    readingCount: readings.length,
    exactCount: readings.filter(([, , method]) => method === 'exact').length,
    medianErrorRatio: errors[Math.floor(errors.length / 2)] ?? 0,
    maxErrorRatio: errors.at(-1) ?? 0,
    maxErrorMib: Math.max(0, ...readings.map((reading) => errorMib(trueMib, reading, before))),
    aboveHalfCount: aboveHalf.length,
    aboveHalfCoverageRatio: aboveHalf.length === 0 ? null : covered.length / aboveHalf.length,
  };
}

/** How many major GCs ran before our observer was there: the shift at which both records agree best. */
function majorsBefore(trueMib: readonly number[], readings: Report['readings']): number {
  const medians = [0, 1, 2, 3].map((before) => {
    const errors = errorRatios(trueMib, readings, before);
    return errors[Math.floor(errors.length / 2)] ?? 0;
  });
  return medians.indexOf(Math.min(...medians));
}

/** Ascending. */
function errorRatios(trueMib: readonly number[], readings: Report['readings'], before: number): number[] {
  const errors = readings.map((reading) => errorMib(trueMib, reading, before) / (reading[1] / MIB));
  return errors.toSorted((left, right) => left - right);
}

/** Infinite where V8 printed no such GC. */
function errorMib(trueMib: readonly number[], reading: Report['readings'][number], before: number): number {
  const [ordinal, bytes] = reading;
  return Math.abs(bytes / MIB - (trueMib[before + ordinal - 1] ?? Number.POSITIVE_INFINITY));
}

function toRow(workload: string, accuracy: Accuracy): string[] {
  return [
    workload,
    String(accuracy.majorCount),
    String(accuracy.readingCount),
    String(accuracy.exactCount),
    percent(accuracy.medianErrorRatio, 2),
    percent(accuracy.maxErrorRatio, 2),
    accuracy.maxErrorMib.toFixed(2),
    String(accuracy.aboveHalfCount),
    accuracy.aboveHalfCoverageRatio === null ? 'none there' : percent(accuracy.aboveHalfCoverageRatio, 0),
  ];
}

function percent(ratio: number, digits: number): string {
  return `${(ratio * 100).toFixed(digits)} %`;
}
