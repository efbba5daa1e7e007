/**
 * Our floor against `--trace-gc` of the same process, on every supported Node: how wrong, and how often there is a
 * value at all. Both matter: a reading that is right because all difficult ones were dropped is no help near the limit.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findNode, NODE_RELEASES } from '../../.ci/node-runtime.ts';
import { compare, parseTrace, type Accuracy, type WorkloadReport } from './floor-accuracy/compare.ts';

export const name = 'floor-accuracy';

const SECONDS = 12;
const PROGRAM = fileURLToPath(new URL('./floor-accuracy/workload.ts', import.meta.url));

/** Old-space limit in MiB. Node 24 never idles at 55 % of 200; `big-old` holds more than 1 GiB. */
const WORKLOAD_LIMITS = {
  server: 200,
  sawtooth: 200,
  'slow-leak': 500,
  burst: 500,
  'big-old': 3000,
  'near-limit': 200,
  blocked: 200,
  idle: 500,
} as const;

interface Run {
  readonly node: string;
  readonly workload: string;
  readonly accuracy: Accuracy;
  readonly report: WorkloadReport;
}

export async function run(): Promise<{ table: string[][]; results: Record<string, unknown> }> {
  const runs: Run[] = [];
  for (const major of Object.keys(NODE_RELEASES)) {
    const node = findNode(major);
    for (const workload of Object.keys(WORKLOAD_LIMITS)) {
      runs.push(await measure(major, node, workload as keyof typeof WORKLOAD_LIMITS));
    }
  }
  return {
    table: [HEADER, ...runs.map(toRow), ['all', ...toRow(merge(runs)).slice(1)]],
    results: toResults(runs),
  };
}

async function measure(
  major: string,
  execPath: string,
  workload: keyof typeof WORKLOAD_LIMITS,
): Promise<Run> {
  const flags = ['--conditions=@heapfloor/source', '--trace-gc', '--trace-gc-nvp'];
  const limit = `--max-old-space-size=${WORKLOAD_LIMITS[workload]}`;
  const { stdout } = await promisify(execFile)(
    execPath,
    [...flags, limit, PROGRAM, workload, String(SECONDS)],
    { maxBuffer: 2 ** 30 },
  );
  const line = stdout.split('\n').findLast((text) => text.startsWith('{"limitBytes"'));
  if (line === undefined) throw new Error(`workload ${workload} on Node ${major} ended without a report`);
  const report = JSON.parse(line) as WorkloadReport;
  return { node: major, workload, report, accuracy: compare(parseTrace(stdout), report) };
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
