import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compare, parseTrace, type Accuracy, type WorkloadReport } from './compare.ts';

const PROGRAM = fileURLToPath(new URL('./workload.ts', import.meta.url));

/** Old-space limit in MiB. Node 24 never idles at 55 % of 200; `big-old` holds more than 1 GiB. */
export const WORKLOAD_LIMITS = {
  server: 200,
  sawtooth: 200,
  'slow-leak': 500,
  burst: 500,
  'big-old': 3000,
  'near-limit': 200,
  blocked: 200,
  idle: 500,
} as const;
export type WorkloadName = keyof typeof WORKLOAD_LIMITS;

export interface Measured {
  readonly accuracy: Accuracy;
  readonly report: WorkloadReport;
}

/** Runs one workload under `--trace-gc` and compares. */
export async function measureWorkload(
  execPath: string,
  workload: WorkloadName,
  seconds: number,
): Promise<Measured> {
  const flags = ['--conditions=@heapfloor/source', '--trace-gc', '--trace-gc-nvp'];
  const limit = `--max-old-space-size=${WORKLOAD_LIMITS[workload]}`;
  const args = [...flags, limit, PROGRAM, workload, String(seconds)];
  const { stdout } = await promisify(execFile)(execPath, args, { maxBuffer: 2 ** 30 });
  const line = stdout.split('\n').findLast((text) => text.startsWith('{"limitBytes"'));
  if (line === undefined) throw new Error(`workload ${workload} of ${execPath} ended without a report`);
  const report = JSON.parse(line) as WorkloadReport;
  return { report, accuracy: compare(parseTrace(stdout), report) };
}
