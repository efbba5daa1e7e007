/**
 * What watching costs: bare beside ours and its peers, each a process of its own, started as a user starts it. Requests per
 * second and latency are not here: on a machine with neighbours the same program differs from itself by more than any variant
 * costs. What is here is counted (instructions, series), or measured in CPU time beside bare once more.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  measureCalmGcs,
  measureCollections,
  measureGcs,
  measureHandles,
  type HandlesCost,
} from './overhead/in-process.ts';
import { measureIdle } from './overhead/idle.ts';
import { measureInstructions } from './overhead/instructions.ts';
import { toResults, toTable } from './overhead/report.ts';
import { ROOT } from './overhead/variants.ts';

export const name = 'overhead';

export async function run(): Promise<{ table: string[][]; results: Record<string, unknown> }> {
  if (!existsSync('/proc/self/schedstat'))
    throw new Error('overhead reads CPU time from /proc: run it on Linux');
  buildPackage();
  const gcs = await measureGcs();
  const [collections, calmGcs] = await Promise.all([measureCollections(), measureCalmGcs()]);
  const handles = await measureHandles();
  const instructions = await measureInstructions();
  const idle = await measureIdle();
  const measured = { idle, instructions, collections, gcs, calmGcs };
  console.log(notes(handles, instructions === null).join('\n'));
  return { table: toTable(measured), results: { ...toResults(measured), tenThousandHandles: handles } };
}

/** What users install is JavaScript; from TypeScript the stripping of types would be measured too. */
function buildPackage(): void {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', 'packages/instrumentation'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`tsc -b packages/instrumentation failed: ${stdout.slice(0, 1000)}`);
}

function notes(handles: HandlesCost | null, isWithoutValgrind: boolean): string[] {
  return [
    'plugin, pluginAll (semconv: all), runtimeNode and sdk (one gauge): NodeSDK with OTLP over HTTP; core: ours without an SDK.',
    'All export, or are scraped, each 15 s. Idle: medians of 3 rounds of 45 s, all variants side by side.',
    isWithoutValgrind
      ? 'Instructions per request: valgrind not installed.'
      : 'Instructions per request: valgrind, slope of 500 to 1200 requests of 70 KB garbage; no export falls into it. At some 100 requests per second: timers and the pace of GCs are those of such a service.',
    'Collection: over the SDK, in memory, 70 ms apart; p10 / median. Minor GC: forced; many: one after the other, p10 of blocks; few: 9 per second, median.',
    '"no difference": inside what bare differs from itself (A/A spread), or the variant from itself between rounds.',
    handles === null
      ? '10 k sockets and 10 k timers: not measured, the limit of open files is too low (ulimit -n)'
      : `10 k sockets and 10 k timers: ${describe(handles)}`,
    '',
  ];
}

function describe({ cpuMsMedian, cpuMsMax, cpuMsNone, counted }: HandlesCost): string {
  const seen = Object.entries(counted).map(([type, count]) => `${type} ${count}`);
  return `${cpuMsMedian.toFixed(1)} ms CPU per count and collection (max ${cpuMsMax.toFixed(1)}, without us ${cpuMsNone.toFixed(1)}); counted ${seen.join(', ')}`;
}
