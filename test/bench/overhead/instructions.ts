import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { availableParallelism } from 'node:os';
import { startApp, type App } from './start-app.ts';
import type { Variant } from './variants.ts';

/** By variant, one slope per seed. */
export type InstructionReadings = Readonly<Partial<Record<Variant, readonly number[]>>>;

/** Instructions from start to exit with few and with many requests: the slope is one request, without the start. */
const FEW = 1500;
const MANY = 3000;
/** Another seed of hashes is another layout of the heap: what a slope differs by although nothing is different. */
const SEEDS: Readonly<Partial<Record<Variant, readonly number[]>>> = {
  bare: [1, 2],
  again: [1],
  sdk: [1],
  plugin: [1, 2],
  pluginAll: [1, 2],
  register: [1, 2],
  runtimeNode: [1, 2],
  promClient: [1],
};
const VALGRIND = [
  'valgrind',
  '--tool=cachegrind',
  // Counting only.
  '--cache-sim=no',
  '--branch-sim=no',
  '--cachegrind-out-file=/dev/null',
];
const NODE_ARGS = [
  '--single-threaded',
  '--predictable-gc-schedule',
  // A major GC that falls into one of the two runs only would be a tenth of the slope. V8 starts one by the clock when little
  // is allocated, and under valgrind that is always.
  '--no-memory-reducer',
  '--initial-heap-size=512',
];
/** Later than any run ends: minutes of the clock are seconds of work here, and exports would fall on far too few requests. */
const NO_EXPORT = { OTEL_METRIC_EXPORT_INTERVAL: '3600000' };

interface Job {
  readonly variant: Variant;
  readonly seed: number;
  readonly requests: number;
}

/** Null where valgrind is not installed. */
export async function measureInstructions(): Promise<InstructionReadings | null> {
  if (spawnSync('valgrind', ['--version']).status !== 0) return null;
  const counts = await countAll(createJobs());
  const readings = Object.entries(SEEDS).map(([variant, seeds]) => [
    variant,
    seeds.map((seed) => {
      const count = (requests: number): number =>
        counts.get(toKey({ variant, seed, requests })) ?? Number.NaN;
      return (count(MANY) - count(FEW)) / (MANY - FEW);
    }),
  ]);
  return Object.fromEntries(readings) as InstructionReadings;
}

function createJobs(): Job[] {
  const variants = Object.entries(SEEDS) as [Variant, readonly number[]][];
  return variants.flatMap(([variant, seeds]) =>
    seeds.flatMap((seed) => [MANY, FEW].map((requests) => ({ variant, seed, requests }))),
  );
}

function toKey({ variant, seed, requests }: Omit<Job, 'variant'> & { variant: string }): string {
  return `${variant} seed ${seed} requests ${requests}`;
}

/** On all cores: a count does not depend on how busy the machine is. */
async function countAll(jobs: readonly Job[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      console.error(`instructions: ${toKey(job)}`);
      counts.set(toKey(job), await countInstructions(job));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return counts;
}

async function countInstructions({ variant, seed, requests }: Job): Promise<number> {
  const nodeArgs = [...NODE_ARGS, `--hash-seed=${seed}`, `--random-seed=${seed}`];
  const app = await startApp(variant, { wrapper: VALGRIND, nodeArgs, env: NO_EXPORT });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const closed = once(app.child, 'close');
  for (let sent = 0; sent < requests; sent++) await request(app, agent, '/');
  // The app exits in place of an answer.
  await request(app, agent, '/exit').catch(() => {});
  await closed;
  agent.destroy();
  const match = /I\s+refs:\s+([\d,]+)/.exec(app.stderr());
  if (match?.[1] === undefined) throw new Error(`valgrind counted nothing: ${app.stderr().slice(-500)}`);
  return Number(match[1].replaceAll(',', ''));
}

function request({ port }: App, agent: Agent, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume();
      response.once('end', resolve);
      response.once('error', reject);
    }).once('error', reject);
  });
}
