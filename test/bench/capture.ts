/**
 * What a capture costs the app: stall and memory of a heap snapshot through control, beside plain `v8.writeHeapSnapshot` of
 * the same app in the same run, alternating, each in a fresh process; and what control costs while nobody asks, beside a
 * process with an empty worker thread. Uses the built packages.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureIdle, type Idle } from './capture/measure-idle.ts';
import { measureOurs, measurePlain, type Snapshot } from './capture/measure-snapshot.ts';
import { median } from './overhead/spread.ts';

export const name = 'capture';

const HEAP_MIB = 500;
const ROUNDS = 3;
const MIB = 2 ** 20;
const MAX_STALL_RATIO = 1.05;
const MAX_IDLE_RSS_BYTES = 8e6;

export async function run(): Promise<{ table: string[][]; results: Record<string, unknown> }> {
  const directory = mkdtempSync(join(tmpdir(), 'heapfloor-bench-'));
  try {
    const plain: Snapshot[] = [];
    const ours: Snapshot[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      console.error(`snapshots of ${HEAP_MIB} MiB: round ${round + 1} of ${ROUNDS}`);
      plain.push(await measurePlain(HEAP_MIB, join(directory, `plain-${round}`)));
      ours.push(await measureOurs(HEAP_MIB, join(directory, `ours-${round}`)));
    }
    console.error('idle processes');
    const idle = await measureIdle(join(directory, 'idle'));
    const results = toResults({ plain, ours, idle });
    if (results.stallRatio > MAX_STALL_RATIO || results.idleRssBytes > MAX_IDLE_RSS_BYTES)
      process.exitCode = 1;
    return { table: toTable({ plain, ours, idle }), results: { ...results } };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Measured {
  readonly plain: readonly Snapshot[];
  readonly ours: readonly Snapshot[];
  readonly idle: Idle;
}

function toResults({ plain, ours, idle }: Measured) {
  return {
    stallRatio: of(ours, 'stallMs') / of(plain, 'stallMs'),
    rssGrowthRatio: of(ours, 'rssGrowthBytes') / of(plain, 'rssGrowthBytes'),
    heapBytes: of(ours, 'heapUsedBytes'),
    idleRssBytes: idle.control.rssBytes - idle.emptyWorker.rssBytes,
    idleCpuSecondsPerHour: idle.control.cpuSecondsPerHour - idle.emptyWorker.cpuSecondsPerHour,
    downloadRssGrowthBytes: Math.max(...ours.map((one) => one.downloadRssGrowthBytes ?? 0)),
    plain,
    ours,
    idle,
  };
}

function toTable({ plain, ours, idle }: Measured): string[][] {
  const ratio = (key: 'stallMs' | 'rssGrowthBytes'): string => (of(ours, key) / of(plain, key)).toFixed(3);
  return [
    ['median', 'heap', 'stall', 'rss, growth or idle', 'CPU per idle hour'],
    row('v8.writeHeapSnapshot', plain),
    row('control', ours),
    ['ratio', '', ratio('stallMs'), ratio('rssGrowthBytes')],
    idleRow('bare process', idle.bare),
    idleRow('with an empty worker', idle.emptyWorker),
    idleRow('with control', idle.control),
  ];
}

function of(snapshots: readonly Snapshot[], key: 'stallMs' | 'rssGrowthBytes' | 'heapUsedBytes'): number {
  return median(snapshots.map((snapshot) => snapshot[key]));
}

function row(title: string, snapshots: readonly Snapshot[]): string[] {
  return [
    title,
    `${(of(snapshots, 'heapUsedBytes') / MIB).toFixed(0)} MiB`,
    `${(of(snapshots, 'stallMs') / 1000).toFixed(2)} s`,
    `${(of(snapshots, 'rssGrowthBytes') / MIB).toFixed(0)} MiB`,
  ];
}

function idleRow(title: string, { rssBytes, cpuSecondsPerHour }: Idle[keyof Idle]): string[] {
  return [title, '', '', `${(rssBytes / MIB).toFixed(1)} MiB`, `${cpuSecondsPerHour.toFixed(2)} s`];
}
