/**
 * Our floor against `--trace-gc` of the same process, on every supported Node: how wrong, and how often there is a
 * value at all. Both matter: a reading that is right because all difficult ones were dropped is no help near the limit.
 */
import { findNode, NODE_RELEASES } from '../../.ci/node-runtime.ts';
import {
  measureWorkload,
  WORKLOAD_LIMITS,
  type Measured,
  type WorkloadName,
} from './floor-accuracy/measure.ts';

export const name = 'floor-accuracy';

const SECONDS = 12;
interface Run extends Measured {
  readonly node: string;
  readonly workload: string;
}

export async function run(): Promise<{ table: string[][]; results: Record<string, unknown> }> {
  const runs: Run[] = [];
  for (const major of Object.keys(NODE_RELEASES)) {
    const node = findNode(major);
    for (const workload of Object.keys(WORKLOAD_LIMITS)) {
      const measured = await measureWorkload(node, workload as WorkloadName, SECONDS);
      runs.push({ node: major, workload, ...measured });
    }
  }
  reportMisses(figures(merge(runs)));
  return {
    table: [HEADER, ...runs.map(toRow), ['all', ...toRow(merge(runs)).slice(1)]],
    results: toResults(runs),
  };
}

/** What the floor must be; the bench fails where it is not. */
function reportMisses(found: ReturnType<typeof figures>): void {
  const misses = [
    (found.medianErrorRatio ?? 1) > 0.001 && 'median error of the exact readings above 0.1 %',
    (found.p99ErrorRatio ?? 1) > 0.003 && 'p99 error of the exact readings above 0.3 %',
    (found.worstPointsOfLimit ?? 0) > 0.3 &&
      "an observer's reading is off by more than 0.3 points of the limit",
    (found.coverageRatio ?? 0) < 0.99 && 'coverage below 99 %',
    found.samples < 500 && 'fewer than 500 samples',
  ].filter((miss) => miss !== false);
  for (const miss of misses) console.error(`floor-accuracy: ${miss}`);
  if (misses.length > 0) process.exitCode = 1;
}

function merge(runs: readonly Run[]): Run {
  const all = runs.map(({ accuracy }) => accuracy);
  return {
    node: 'all',
    workload: 'all',
    accuracy: {
      majors: sum(all.map(({ majors }) => majors)),
      exactErrors: all.flatMap(({ exactErrors }) => exactErrors),
      observedPoints: all.flatMap(({ observedPoints }) => observedPoints),
      aboveHalf: sum(all.map(({ aboveHalf }) => aboveHalf)),
      covered: sum(all.map(({ covered }) => covered)),
    },
    report: {
      limitBytes: 0,
      beganMs: 0,
      endedMs: 0,
      majorEndsMs: [],
      readings: [],
      discarded: {
        lag: sum(runs.map(({ report }) => report.discarded.lag)),
        batch: sum(runs.map(({ report }) => report.discarded.batch)),
      },
      rotationsMs: runs.flatMap(({ report }) => report.rotationsMs),
    },
  };
}

function toResults(runs: readonly Run[]): Record<string, unknown> {
  return { ...figures(merge(runs)), workloads: runs.map((one) => ({ ...figures(one), ...identity(one) })) };
}

function identity({ node, workload }: Run): { node: string; workload: string } {
  return { node, workload };
}

/** Ratios and points are null where there is no reading of that kind. */
function figures({ accuracy, report }: Run) {
  const { exactErrors, observedPoints, aboveHalf, covered, majors } = accuracy;
  const { lag, batch } = report.discarded;
  return {
    majors,
    samples: exactErrors.length + observedPoints.length,
    exactSamples: exactErrors.length,
    medianErrorRatio: quantile(exactErrors, 0.5),
    p99ErrorRatio: quantile(exactErrors, 0.99),
    worstErrorRatio: quantile(exactErrors, 1),
    worstPointsOfLimit: quantile(observedPoints, 1),
    aboveHalf,
    coverageRatio: aboveHalf === 0 ? null : covered / aboveHalf,
    discarded: lag + batch,
    rotations: report.rotationsMs.length,
    rotationP99Ms: quantile(report.rotationsMs, 0.99),
    rotationMaxMs: quantile(report.rotationsMs, 1),
  };
}

const HEADER = [
  'workload',
  'majors',
  'exact',
  'median error',
  'p99 error',
  'observed',
  'worst, points of limit',
  'above half',
  'covered',
  'discarded',
  'rotation p99 ms',
  'max ms',
];

function toRow(one: Run): string[] {
  const found = figures(one);
  return [
    `${one.workload} (${one.node})`,
    String(found.majors),
    String(found.exactSamples),
    percent(found.medianErrorRatio, 3),
    percent(found.p99ErrorRatio, 3),
    String(found.samples - found.exactSamples),
    fixed(found.worstPointsOfLimit, 2),
    String(found.aboveHalf),
    percent(found.coverageRatio, 1),
    String(found.discarded),
    fixed(found.rotationP99Ms, 2),
    fixed(found.rotationMaxMs, 2),
  ];
}

function percent(ratio: number | null, digits: number): string {
  return ratio === null ? '-' : `${(ratio * 100).toFixed(digits)} %`;
}

function fixed(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

function quantile(values: readonly number[], share: number): number | null {
  const ascending = values.toSorted((left, right) => left - right);
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
