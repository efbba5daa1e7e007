import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { comparisonTables, nodeTables, summaryTables } from '../test/compare-with-devtools.ts';
import { readWithDevTools, type DevToolsSnapshot } from '../test/devtools-oracle.ts';
import { buildRandomSnapshot } from '../test/random-snapshot.ts';
import { NODE_22, NODE_24 } from '../test/snapshot-builder.ts';
import { useTemporaryFolder } from '../test/temporary-folder.ts';
import type { HeapGraph } from './graph/graph.ts';
import { readSnapshot } from './read-snapshot.ts';

const folder = useTemporaryFolder();
// DevTools warns about nodes that nothing reaches; some files here have them on purpose.
vi.spyOn(console, 'warn').mockReturnValue();

describe('a pair of snapshots of a process with a leak', () => {
  const graphs: HeapGraph[] = [];
  const snapshots: DevToolsSnapshot[] = [];

  beforeAll(async () => {
    const shop = fileURLToPath(new URL('../test/fixtures/shop.mjs', import.meta.url));
    const args = ['--expose-gc', shop, 'map', folder.path(''), '400', '1200'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the shop failed: ${stderr}`);
    for (const name of ['1.heapsnapshot', '2.heapsnapshot']) {
      graphs.push(await readSnapshot(folder.path(name)));
      snapshots.push(await readWithDevTools(folder.path(name)));
    }
  }, 120_000);

  it.each([0, 1])('has the dominators, sizes, distances and classes of DevTools at every node (%i)', (at) => {
    const { ours, theirs } = nodeTables(graphs[at]!, snapshots[at]!);
    expect(ours.dominators.length).toBeGreaterThan(50_000);
    expect(ours).toEqual(theirs);
  });

  it.each([0, 1])('has the constructor summary of DevTools row by row (%i)', (at) => {
    const { ours, theirs } = summaryTables(graphs[at]!, snapshots[at]!);
    expect(Object.keys(theirs).length).toBeGreaterThan(100);
    expect(ours).toEqual(theirs);
  });

  it('has the comparison of DevTools row by row', () => {
    const [base, current] = graphs as [HeapGraph, HeapGraph];
    const [baseSnapshot, currentSnapshot] = snapshots as [DevToolsSnapshot, DevToolsSnapshot];
    const { ours, theirs } = comparisonTables(
      { base, current },
      { base: baseSnapshot, current: currentSnapshot },
    );
    expect(Object.keys(theirs).length).toBeGreaterThan(20);
    expect(ours).toEqual(theirs);
  });

  it('sums up to the heap size of DevTools', () => {
    const extraBytes = extraNativeBytes(folder.path('2.heapsnapshot'));
    expect(graphs[1]!.facts.heapSizeBytes + extraBytes).toBe(snapshots[1]!.totalSize);
  });
});

/** DevTools adds to the total what Node 24 and later count outside of the heap. */
function extraNativeBytes(filePath: string): number {
  const header = readFileSync(filePath, 'utf8').slice(0, 4000);
  return Number(/"extra_native_bytes":(\d+)/.exec(header)?.[1] ?? 0);
}

describe('random snapshots', () => {
  const sizes = [
    { nodeCount: 8, edgeCount: 10 },
    { nodeCount: 40, edgeCount: 60 },
    { nodeCount: 120, edgeCount: 400 },
    { nodeCount: 1500, edgeCount: 2500 },
  ];

  it.each(sizes)(
    'are analysed as DevTools does, whatever they hold ($nodeCount nodes)',
    async (size) => {
      for (let seed = 1; seed <= 40; seed++) {
        const base = await readBoth({ ...size, seed });
        expect(nodeTables(base.graph, base.snapshot).ours, `seed ${seed}`).toEqual(
          nodeTables(base.graph, base.snapshot).theirs,
        );
        const { ours, theirs } = summaryTables(base.graph, base.snapshot);
        expect(ours, `seed ${seed}`).toEqual(theirs);
        const current = await readBoth({ ...size, seed: seed + 1000 });
        const rows = comparisonTables(
          { base: base.graph, current: current.graph },
          { base: base.snapshot, current: current.snapshot },
        );
        expect(rows.ours, `seed ${seed}`).toEqual(rows.theirs);
      }
    },
    120_000,
  );
});

async function readBoth(size: { seed: number; nodeCount: number; edgeCount: number }) {
  const filePath = folder.path(`random-${size.seed}.heapsnapshot`);
  writeFileSync(filePath, buildRandomSnapshot(size).toText(size.seed % 2 === 0 ? NODE_22 : NODE_24));
  return { graph: await readSnapshot(filePath), snapshot: await readWithDevTools(filePath) };
}
