import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { quantile } from './spread.ts';
import { cleanEnv } from './start-app.ts';
import { program, ROOT } from './variants.ts';

/** CPU µs, one figure per round. The p10 is the work itself; the median also has what the machine does to it. */
export interface Cost {
  readonly p10Us: readonly number[];
  readonly medianUs: readonly number[];
}

const ROUNDS = 2;

export const COLLECTION_ARMS = [
  'sdk',
  'sdkAgain',
  'plugin',
  'pluginAll',
  'runtimeNode',
  'promClient',
] as const;
export type CollectionArm = (typeof COLLECTION_ARMS)[number];

export const GC_ARMS = ['none', 'again', 'plugin', 'runtimeNode', 'promClient'] as const;
export type GcArm = (typeof GC_ARMS)[number];

export interface HandlesCost {
  readonly sockets: number;
  readonly timers: number;
  /** CPU of one period of 1 s with one count of the handles and one collection; `none`: the same period without us. */
  readonly cpuMsMedian: number;
  readonly cpuMsMax: number;
  readonly cpuMsNone: number;
  /** What our metric said of both. */
  readonly counted: Readonly<Record<string, number>>;
}

/** One forced collection of each variant. They are nearly idle, so all run at once. */
export function measureCollections(): Promise<Record<CollectionArm, Cost>> {
  return measureRounds(COLLECTION_ARMS, 'collection', async () => {
    const costs = COLLECTION_ARMS.map(async (arm) => {
      const costsUs = await run<number[]>('measure-collection', [arm === 'sdkAgain' ? 'sdk' : arm]);
      return [arm, costsUs] as const;
    });
    return Object.fromEntries(await Promise.all(costs)) as Record<CollectionArm, number[]>;
  });
}

/** One forced minor GC where they are rare. Nearly idle too. */
export function measureCalmGcs(): Promise<Record<GcArm, Cost>> {
  return measureRounds(GC_ARMS, 'gc, few', async () => {
    const costs = GC_ARMS.map(async (arm) => {
      const costsUs = await run<number[]>(
        'measure-calm-gc',
        [arm === 'again' ? 'none' : arm],
        ['--expose-gc'],
      );
      return [arm, costsUs] as const;
    });
    return Object.fromEntries(await Promise.all(costs)) as Record<GcArm, number[]>;
  });
}

/** One forced minor GC with its turn of the loop, one after the other. */
export function measureGcs(): Promise<Record<GcArm, Cost>> {
  return measureRounds(GC_ARMS, 'gc, many', () => run('measure-gc', [], ['--expose-gc']));
}

async function measureRounds<Arm extends string>(
  arms: readonly Arm[],
  what: string,
  measure: () => Promise<Record<Arm, number[]>>,
): Promise<Record<Arm, Cost>> {
  const rounds: Record<Arm, number[]>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    console.error(`${what}: round ${round + 1} of ${ROUNDS}`);
    rounds.push(await measure());
  }
  const quantiles = (arm: Arm, ratio: number): number[] => rounds.map((one) => quantile(one[arm], ratio));
  const costs = arms.map((arm) => [arm, { p10Us: quantiles(arm, 0.1), medianUs: quantiles(arm, 0.5) }]);
  return Object.fromEntries(costs) as Record<Arm, Cost>;
}

interface HandlesReport {
  readonly sockets: number;
  readonly timers: number;
  readonly counted: Record<string, number>;
  readonly oursMs: number[];
  readonly noneMs: number[];
}

/** Null where the process may not open so many sockets. */
export async function measureHandles(): Promise<HandlesCost | null> {
  console.error('10 k sockets and 10 k timers');
  const report = await run<HandlesReport | null>('measure-handles', []);
  if (report === null) return null;
  const { sockets, timers, counted, oursMs, noneMs } = report;
  return {
    sockets,
    timers,
    cpuMsMedian: quantile(oursMs, 0.5),
    cpuMsMax: Math.max(...oursMs),
    cpuMsNone: quantile(noneMs, 0.5),
    counted,
  };
}

async function run<T>(name: string, args: readonly string[], nodeArgs: readonly string[] = []): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [...nodeArgs, program(name), ...args], {
    cwd: ROOT,
    env: cleanEnv(),
    timeout: 120_000,
  });
  return JSON.parse(stdout) as T;
}
