import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { LearnedCost } from '../guards/guard.ts';
import { writeWhole } from './write-whole.ts';

/** What one snapshot cost. */
const snapshotCost = z.object({
  heapUsedBytes: z.int().min(0),
  rssGrowthBytes: z.int().min(0),
  stallMs: z.number().min(0),
  fileBytes: z.int().min(0),
  nodeVersion: z.string(),
  at: z.iso.datetime(),
});
export type SnapshotCost = z.output<typeof snapshotCost>;

export interface LearnedCosts {
  /** Of the first snapshot of this process only. */
  learn(cost: SnapshotCost): void;
  /** Something else has taken as much memory as a snapshot. */
  spoil(): void;
  /** Null before the first snapshot that counts. */
  read(): LearnedCost | null;
}

const KEPT_COUNT = 8;
/** Below it the fixed costs of a snapshot hide those that grow with the heap. Unit: bytes. */
const MIN_HEAP_BYTES = 8 * 2 ** 20;
const MIB = 2 ** 20;

/**
 * The last snapshots of a service, in a file that all its instances share. Two that end at once may lose one entry, never
 * the file.
 */
export function createLearnedCosts(path: string, nodeVersion: string = process.versions.node): LearnedCosts {
  // Later snapshots of a process take memory again that the allocator kept from the first, and look cheap.
  let isFresh = true;
  return {
    spoil() {
      isFresh = false;
    },
    learn(cost) {
      if (!isFresh) return;
      isFresh = false;
      const costs = [...readCosts(path), cost].slice(-KEPT_COUNT);
      writeWhole(path, JSON.stringify(costs, undefined, 2));
    },
    read: () => summarizeCosts(readCosts(path), nodeVersion),
  };
}

/** The worst ratios: a prediction must not be the mean. Another Node major has another V8, and other costs. */
export function summarizeCosts(costs: readonly SnapshotCost[], nodeVersion: string): LearnedCost | null {
  const counted = costs.filter(
    (cost) => cost.heapUsedBytes >= MIN_HEAP_BYTES && majorOf(cost.nodeVersion) === majorOf(nodeVersion),
  );
  if (counted.length === 0) return null;
  const worst = (ratio: (cost: SnapshotCost) => number): number => Math.max(...counted.map(ratio));
  return {
    captureCount: counted.length,
    headroomRatio: worst(({ rssGrowthBytes, heapUsedBytes }) => rssGrowthBytes / heapUsedBytes),
    pauseMsPerMib: worst(({ stallMs, heapUsedBytes }) => stallMs / (heapUsedBytes / MIB)),
    fileRatio: worst(({ fileBytes, heapUsedBytes }) => fileBytes / heapUsedBytes),
  };
}

/** A file that is missing or broken teaches nothing; a broken entry costs only itself. */
function readCosts(path: string): SnapshotCost[] {
  try {
    const entries = z.array(z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
    return entries.flatMap((entry) => {
      const { data } = snapshotCost.safeParse(entry);
      return data === undefined ? [] : [data];
    });
  } catch {
    return [];
  }
}

function majorOf(version: string): string {
  return version.replace(/^v/, '').split('.', 1)[0] ?? '';
}
