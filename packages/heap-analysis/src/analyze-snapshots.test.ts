import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leakReport, type LeakReport, type LeakSuspect } from '@heapfloor/contract';
import { describe, expect, it, vi } from 'vitest';
import { useTemporaryFolder } from '../test/temporary-folder.ts';
import { analyzeSnapshots } from './analyze-snapshots.ts';
import { formatRetainerPath } from './format-retainer-path.ts';

const folder = useTemporaryFolder();
const shop = fileURLToPath(new URL('../test/fixtures/shop.mjs', import.meta.url));
const lists = fileURLToPath(new URL('../test/fixtures/common-js-service.cjs', import.meta.url));

// A process under load and its snapshots, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

/** Runs a program that leaks so, and analyses the snapshots that it leaves. */
async function analyzeProcess(script: string, kind: string, steps = 2): Promise<LeakReport> {
  const target = folder.path(`${kind}-${steps}`);
  await mkdir(target, { recursive: true });
  const args = ['--expose-gc', script, kind, target, '1500', '2400', String(steps)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
  const report = await analyzeSnapshots(
    Array.from({ length: steps }, (_, at) => `${target}/${at + 1}.heapsnapshot`),
  );
  return leakReport.parse(report);
}

function edgesAndNames({ retainerPath }: LeakSuspect): string[] {
  return retainerPath.map(({ edge, name, role }) => `${role}: ${edge ?? ''} ${name}`);
}

describe('a leak under HTTP traffic', () => {
  it('of class instances in a Map names the class, the field and its owner, and no folder of the machine', async () => {
    const report = await analyzeProcess(shop, 'map');
    const { suspect, growthBytes, constructors } = report;
    expect(edgesAndNames(suspect!)).toEqual([
      'root:  (GC roots)',
      'holder: store, in module scope SessionStore',
      'accumulator: .sessions Map',
      'culprit: [key] Session',
    ]);
    expect(suspect).toMatchObject({
      constructor: 'Session',
      source: expect.stringMatching(/^shop\.mjs:\d+$/),
      newCount: 2400,
      deletedCount: 0,
      countDelta: 2400,
      holder: 'SessionStore.sessions',
    });
    // 2400 sessions of about 330 bytes; the Map's table and its keys are no part of them.
    expect(suspect!.retainedDeltaBytes / 2400).toBeGreaterThan(250);
    expect(suspect!.retainedDeltaBytes / 2400).toBeLessThan(450);
    expect(suspect!.shareOfGrowthRatio).toBeCloseTo(suspect!.retainedDeltaBytes / growthBytes, 10);
    expect(constructors.find(({ name }) => name === 'Session')?.newCount).toBe(2400);
    expect(JSON.stringify(report)).not.toContain(dirname(shop));
    expect(JSON.stringify(report)).not.toContain(folder.path(''));
    expect(formatRetainerPath(suspect!).slice(2)).toEqual([
      '.sessions → Map',
      `2,400 values → Session (${suspect!.source})`,
    ]);
  });

  it('of records in an array in module scope names the array', async () => {
    const { suspect } = await analyzeProcess(shop, 'array');
    expect(edgesAndNames(suspect!)).toEqual([
      'root:  (GC roots)',
      'accumulator: auditLog, in module scope Array',
      'culprit: [index] {action, path}',
    ]);
    expect(suspect).toMatchObject({ newCount: 2400, holder: 'auditLog (shop.mjs)' });
  });

  it('of listeners on an EventEmitter names the event and the function', async () => {
    const { suspect } = await analyzeProcess(shop, 'listener');
    expect(edgesAndNames(suspect!)).toEqual([
      'root:  (GC roots)',
      'holder: events, in module scope EventEmitter',
      'holder: ._events Object',
      'accumulator: ["price-change"] Array',
      'culprit: [index] onPriceChange()',
    ]);
    expect(suspect).toMatchObject({
      constructor: 'Function',
      source: expect.stringMatching(/^shop\.mjs:\d+$/),
      holder: 'EventEmitter._events["price-change"]',
    });
  });

  it('of entries in a plain object names the variable and hides the keys', async () => {
    const report = await analyzeProcess(shop, 'cache');
    expect(edgesAndNames(report.suspect!)).toEqual([
      'root:  (GC roots)',
      'accumulator: priceCache, in module scope Object',
      'culprit: [key] {label}',
    ]);
    expect(JSON.stringify(report)).not.toContain('item-1');
  });

  it('of a class inside an anonymous wrapper names the class', async () => {
    const { suspect } = await analyzeProcess(shop, 'wrapper');
    expect(edgesAndNames(suspect!).slice(1)).toEqual([
      'accumulator: wrapped, in module scope Map',
      'holder: [key] {session}',
      'culprit: .session Session',
    ]);
  });

  it('of buffers counts the memory outside of the heap', async () => {
    const { suspect } = await analyzeProcess(shop, 'buffer');
    expect(suspect).toMatchObject({ constructor: 'Buffer', holder: 'buffers (shop.mjs)' });
    expect(suspect!.retainedDeltaBytes).toBeGreaterThan(2400 * 16_384);
  });

  it('of a linked list names the variable that holds its head', async () => {
    const { suspect } = await analyzeProcess(shop, 'list');
    expect(suspect).toMatchObject({ constructor: '{previous, url}', holder: 'newestVisit (shop.mjs)' });
    expect(suspect!.confidence).not.toBe('high');
  });
});

describe('a leak in a CommonJS program', () => {
  it.each([
    ['closure', '{key, hits}', 'seen (common-js-service.cjs)', 'seen, in closure scope'],
    ['global', 'Job', 'global.pendingJobs', 'global.pendingJobs'],
    ['nested', 'Visit', 'Tenant.visits', '.visits'],
    ['strings', '(string)', 'lines (common-js-service.cjs)', 'lines, in module scope'],
  ])('is found: %s', async (kind, constructor, holder, edge) => {
    const { suspect } = await analyzeProcess(lists, kind);
    expect(suspect).toMatchObject({ constructor, holder });
    expect(suspect!.retainerPath.find(({ role }) => role === 'accumulator')?.edge).toBe(edge);
  });
});

describe('a healthy program', () => {
  it.each(['none', 'steady'])('under HTTP traffic has no suspect: %s', async (kind) => {
    expect((await analyzeProcess(shop, kind)).suspect).toBeNull();
  });

  it.each(['replaced', 'shrinking'])('whose objects come and go has no suspect: %s', async (kind) => {
    const report = await analyzeProcess(lists, kind);
    expect(report.suspect).toBeNull();
    // There was traffic: the comparison is not empty.
    expect(report.constructors.find(({ name }) => name === 'Job')?.deletedCount).toBeGreaterThan(1000);
  });
});

describe('other numbers of snapshots', () => {
  it('one gives a summary and nothing that needs a comparison', async () => {
    const report = await analyzeProcess(lists, 'global', 1);
    expect(report).toMatchObject({ constructors: [], growthBytes: 0, suspect: null });
    expect(report.snapshots).toHaveLength(1);
    expect(report.summary).toHaveLength(50);
    expect(report.summary.find(({ name }) => name === 'Job')?.count).toBe(1500);
  });

  it('three tell whether the growth is steady', async () => {
    const { snapshots, suspect } = await analyzeProcess(lists, 'global', 3);
    expect(snapshots.map(({ fileName }) => fileName)).toEqual([
      '1.heapsnapshot',
      '2.heapsnapshot',
      '3.heapsnapshot',
    ]);
    expect(suspect).toMatchObject({ newCount: 4800, confidence: 'high' });
    expect(suspect!.confidenceReason).toContain('grew in 2 of 2 steps');
  });

  it('none is the mistake of the caller', async () => {
    await expect(analyzeSnapshots([])).rejects.toMatchObject({ code: 'HEAP_ANALYSIS_INVALID_REQUEST' });
  });
});
