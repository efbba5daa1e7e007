/** Our snapshot analysis against DevTools' own code: the same file, alternating, each run in its own process. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement } from '../../packages/heap-analysis/test/bench/measure.ts';

export const name = 'analysis-speed';

const execute = promisify(execFile);
const packagePath = (path: string): string =>
  fileURLToPath(new URL(`../../packages/heap-analysis/${path}`, import.meta.url));
const RUNS = 5;
/** Makes about 50 MB of snapshot on Node 26. */
const OBJECT_COUNT = 30_000;
const ENGINES = ['heapfloor', 'devtools'] as const;

type Engine = (typeof ENGINES)[number];

export async function run(): Promise<{ table: string[][]; results: Record<string, unknown> }> {
  const file = await largeSnapshot();
  const fileSizeBytes = (await stat(file)).size;
  // One run of each that does not count: it bundles DevTools and warms the file cache.
  for (const engine of ENGINES) await measure(engine, file);
  const runs: Record<Engine, Measurement[]> = { heapfloor: [], devtools: [] };
  for (let round = 0; round < RUNS; round++) {
    for (const engine of ENGINES) runs[engine].push(await measure(engine, file));
  }
  const ours = medians(runs.heapfloor);
  const theirs = medians(runs.devtools);
  const cpuRatio = theirs.cpuSeconds / ours.cpuSeconds;
  const memoryRatio = theirs.peakRssBytes / ours.peakRssBytes;
  return {
    table: [
      ['analysis', 'CPU s (median)', 'peak RSS MiB (median)', 'RSS / file', 'nodes', 'rows'],
      toRow('heapfloor', ours, fileSizeBytes),
      toRow('Chrome DevTools', theirs, fileSizeBytes),
      ['ratio', `${cpuRatio.toFixed(2)}x`, `${memoryRatio.toFixed(2)}x`, '', '', ''],
    ],
    results: {
      fileSizeBytes,
      runCount: RUNS,
      heapfloor: ours,
      devtools: theirs,
      cpuRatio,
      memoryRatio,
      runs,
    },
  };
}

/** Written once; a new Node writes its own. */
async function largeSnapshot(): Promise<string> {
  const cache = fileURLToPath(new URL('../../node_modules/.cache/heapfloor', import.meta.url));
  await mkdir(cache, { recursive: true });
  const file = join(cache, `analysis-speed-${process.versions.node}.heapsnapshot`);
  if (!existsSync(file)) {
    const args = ['--expose-gc', packagePath('test/fixtures/large-heap.mjs'), file, String(OBJECT_COUNT)];
    await execute(process.execPath, args);
  }
  return file;
}

async function measure(engine: Engine, file: string): Promise<Measurement> {
  const script = packagePath('test/bench/measure.ts');
  const { stdout } = await execute(process.execPath, [
    '--conditions=@heapfloor/source',
    script,
    engine,
    file,
  ]);
  return JSON.parse(stdout) as Measurement;
}

function medians(runs: readonly Measurement[]): Measurement {
  const first = runs[0]!;
  return {
    ...first,
    cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
    peakRssBytes: median(runs.map(({ peakRssBytes }) => peakRssBytes)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function toRow(
  label: string,
  { cpuSeconds, peakRssBytes, nodeCount, rowCount }: Measurement,
  fileSizeBytes: number,
) {
  const mebibytes = (peakRssBytes / 2 ** 20).toFixed(0);
  const perFile = (peakRssBytes / fileSizeBytes).toFixed(1);
  return [label, cpuSeconds.toFixed(2), mebibytes, perFile, String(nodeCount), String(rowCount)];
}
