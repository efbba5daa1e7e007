import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createGroupView,
  createMemoryGroup,
  type GroupFiles,
  type GroupLimits,
  type Surroundings,
} from '../testing/limit-cgroup.ts';
import {
  createLimitOracle,
  type LimitOutcome,
  type LimitRun,
  type OracleName,
} from '../testing/limit-oracle.ts';
import type { LimitSource } from './derive-limit.ts';

/**
 * Our limit against V8's own, in real processes. Each case says whose number it is compared with (see `OracleName`): the
 * limit that V8 prints when the heap is full, and for limits that take too long to fill, one that V8 computed too.
 */
const MIB = 1024 * 1024;
const nodeMajor = Number.parseInt(process.versions.node, 10);
const directory = mkdtempSync(join(tmpdir(), 'heapfloor-limit-files-'));
const oracle = createLimitOracle(2);
afterAll(() => {
  oracle.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** Most of the time is waiting for the two places. */
const TIMEOUT_MS = 120_000;

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe.concurrent('the limit of the main thread is what V8 says', { timeout: TIMEOUT_MS }, () => {
  const config = file('node.config.json', '{"nodeOptions":{"max-old-space-size-percentage":"0.5"}}');
  const env = file('env', 'NODE_OPTIONS="--max-old-space-size=72"');
  const flagCases: [flags: string, nodeOptions: string, source: LimitSource, oracle?: OracleName][] = [
    // One flag, however it is written and wherever it comes from.
    ['--max-old-space-size=80', '', 'flag'],
    ['--max_old_space_size=81', '', 'flag'],
    ['-max-old-space-size=82', '', 'flag'],
    ['--max-old-space-size=90 --max-old-space-size=64', '', 'flag'],
    ['', '--max-old-space-size=70', 'flag'],
    ['', '--max-old-space-size=70 --max-semi-space-size=4', 'flag'],
    ['', '"--max-old-space-size"=7"1"', 'flag'],
    ['--max-old-space-size=83', '--max-old-space-size=70', 'flag'],
    ['--max-old-space-size=3000', '', 'flag', 'known_young'],
    [`--env-file=${env}`, '', 'flag'],
    // A percentage beats the old flag, even from NODE_OPTIONS; what it makes zero is unset.
    ['--max-old-space-size-percentage=0.5', '', 'percentage'],
    ['--max-old-space-size-percentage 0.77', '', 'percentage'],
    ['--max-old-space-size=90 --max-old-space-size-percentage=0.61', '', 'percentage'],
    ['--max-old-space-size-percentage=0.61 --max-old-space-size=90', '', 'percentage'],
    ['--max-old-space-size=77', '--max-old-space-size-percentage=0.7', 'percentage'],
    ['--max-old-space-size-percentage=99', '', 'percentage', 'known_young'],
    ['--max-old-space-size=90 --max-old-space-size-percentage=0.001', '', 'default', 'resource_limits'],
    // Only Node knows of this one.
    [`--experimental-config-file=${config}`, '', 'derived'],
    // The heap flag: around the thresholds of each Node, and with a young generation of known size.
    ['--max-heap-size=60', '', 'heap_flag'],
    ['--max-heap-size=65', '', 'heap_flag'],
    ['--max-heap-size=129', '', 'heap_flag'],
    ['--max-heap-size=262', '', 'heap_flag'],
    ['--max-heap-size=263', '', 'heap_flag'],
    ['--max-heap-size=280', '', 'heap_flag'],
    ['--max-heap-size=281', '', 'heap_flag'],
    ['--max-heap-size=525', '', 'heap_flag'],
    ['--max-heap-size=561', '', 'heap_flag'],
    ['--max-heap-size=1025', '', 'heap_flag'],
    ['--max-heap-size=200 --max-semi-space-size=3', '', 'heap_flag'],
    ['--max-heap-size=300 --max-old-space-size=90', '', 'flag'],
    ['--max-heap-size=50 --max-old-space-size=91', '', 'flag'],
    ['--max-heap-size=0 --max-old-space-size=92', '', 'flag'],
    ['--max-heap-size=300 --max-old-space-size-percentage=0.5', '', 'percentage'],
    // A young generation of another size leaves the limit alone.
    ['--max-semi-space-size=3', '', 'default', 'resource_limits'],
    ['--max-semi-space-size=3 --max-old-space-size=84', '', 'flag'],
    ['--max-semi-space-size=100 --max-old-space-size=85', '', 'flag'],
    ['--max-old-space-size=0', '', 'default', 'resource_limits'],
    ['--lite-mode', '', 'default', 'resource_limits'],
    ['--optimize-for-size', '', 'default', 'resource_limits'],
    ['--lite-mode --max-old-space-size=86', '', 'flag'],
    ['--optimize-for-size --max-semi-space-size=8 --max-heap-size=100', '', 'heap_flag'],
    ['--lite-mode --no-lite-mode --max-heap-size=400', '', 'heap_flag'],
    ['--minor-ms', '', 'default', 'resource_limits'],
    ['--minor-ms --max-old-space-size=87', '', 'flag'],
    ['--minor-ms --max-semi-space-size=5 --max-heap-size=101', '', 'heap_flag'],
    ['--minor-ms --max-heap-size=201', '', 'heap_flag'],
    ['--minor-ms --max-heap-size=303', '', 'heap_flag'],
    ['--minor-ms --max-heap-size=544', '', 'heap_flag'],
    ['--minor-ms --max-heap-size=545', '', 'heap_flag'],
  ];
  // Node 22 refuses it there.
  if (nodeMajor >= 24) flagCases.push(['', '--max-heap-size=130', 'heap_flag']);

  it.for(flagCases)('with %j and NODE_OPTIONS %j', async ([flags, nodeOptions, source, name]) => {
    const { ours, v8Bytes } = await oracle.ask({ flags: words(flags), nodeOptions, oracle: name });
    expect(ours).toEqual({ bytes: v8Bytes, source });
  });

  it('by default, filled to the brim', async (context) => {
    const { ours } = await oracle.ask({ oracle: 'resource_limits' });
    if (process.availableMemory() < 1.5 * ours.bytes)
      context.skip('not enough memory is free to fill the heap');
    const { v8Bytes } = await oracle.ask({ oracle: 'initial_limit' });
    expect(ours).toEqual({ bytes: v8Bytes, source: 'default' });
  });
});

describe.concurrent('a derived limit may be wrong', { timeout: TIMEOUT_MS }, () => {
  it('by the young generation, where a flag for testing V8 resizes that', async () => {
    const { ours, v8Bytes } = await oracle.ask({ flags: ['--stress-compaction'], oracle: 'resource_limits' });
    expect(ours.source).toBe('derived');
    // It is too low: an alert comes too early, never too late.
    expect(v8Bytes - ours.bytes).toBeGreaterThan(0);
    expect(v8Bytes - ours.bytes).toBeLessThan(192 * MIB);
  });
});

describe.concurrent('the limit in a container is what V8 says', { timeout: TIMEOUT_MS }, () => {
  const groupCases: [limits: GroupLimits, flags: string, source: LimitSource, mib: number][] = [
    [{ maxMib: 100 }, '', 'default', 256],
    [{ maxMib: 256 }, '', 'default', 256],
    [{ maxMib: 512 }, '', 'default', 256],
    [{ maxMib: 1024 }, '', 'default', 512],
    [{ maxMib: 2048 }, '', 'default', 1024],
    [{ maxMib: 3000, highMib: 700 }, '', 'default', 350],
    [{ maxMib: 1024, parentMaxMib: 512 }, '', 'default', 512],
    [{ maxMib: 1000 }, '--max-old-space-size-percentage=50', 'percentage', 500],
    [{ maxMib: 700 }, '--max-semi-space-size=2', 'default', 350],
  ];

  it.for(groupCases)('with a cgroup of %j and %j', async ([limits, flags, source, mib], context) => {
    const group = surroundingsOrSkip(context, () => createMemoryGroup(context.task.id, limits));
    const { ours, v8Bytes } = await askInside(group, { flags: words(flags) });
    expect(ours).toEqual({ bytes: v8Bytes, source });
    expect(v8Bytes / MIB).toBe(mib);
  });

  it('does not see a limit that only the group around it has', async (context) => {
    const { ours: outside } = await oracle.ask({ oracle: 'resource_limits' });
    const group = surroundingsOrSkip(context, () =>
      createMemoryGroup(context.task.id, { parentMaxMib: 512 }),
    );
    const { ours, v8Bytes } = await askInside(group, { oracle: 'resource_limits' });
    expect(ours).toEqual({ bytes: v8Bytes, source: 'default' });
    expect(ours).toEqual(outside);
  });

  const viewCases: [files: GroupFiles, flags: string, source: LimitSource, oracle?: OracleName][] = [
    [{ max: mib(256), high: 'max' }, '', 'default'],
    [{ max: 'max', high: mib(600) }, '', 'default'],
    [{ max: '629460000', high: 'max' }, '', 'default'],
    [{ max: mib(769), high: 'max' }, '', 'default'],
    [{ max: mib(15_359), high: 'max' }, '', 'default', 'resource_limits'],
    [{ max: mib(15_360), high: 'max' }, '', 'default', 'resource_limits'],
    [{ max: mib(511), high: 'max' }, '--minor-ms', 'default'],
    [{ max: mib(769), high: 'max' }, '--minor-ms', 'default'],
    [{ max: mib(600), high: 'max' }, '--lite-mode', 'default'],
    [{ max: mib(600), high: 'max' }, '--optimize-for-size', 'default'],
    [{ max: mib(600), high: 'max' }, '--max-old-space-size=88', 'flag'],
    [{ max: mib(601), high: 'max' }, '--max-old-space-size-percentage=33.3', 'percentage'],
    // More than any machine has: nothing to the default, but the percentage is of it.
    [{ max: mib(9e7), high: 'max' }, '', 'default', 'resource_limits'],
    [{ max: mib(9e7), high: 'max' }, '--max-old-space-size-percentage=0.0003', 'percentage'],
    // What no container has, but a broken mount may: for Node this is no limit.
    [{ max: '0', high: 'max' }, '', 'default', 'resource_limits'],
    [{ max: mib(600) }, '', 'default', 'resource_limits'],
    [{ max: 'max', high: 'max' }, '', 'default', 'resource_limits'],
    [{}, '', 'default', 'resource_limits'],
  ];

  it.for(viewCases)('with the files %j and %j', async ([files, flags, source, name], context) => {
    const view = surroundingsOrSkip(context, () => createGroupView(files));
    const { ours, v8Bytes } = await askInside(view, { flags: words(flags), oracle: name });
    expect(ours).toEqual({ bytes: v8Bytes, source });
  });
});

function mib(count: number): string {
  return String(count * MIB);
}

async function askInside(surroundings: Surroundings, run: LimitRun): Promise<LimitOutcome> {
  try {
    return await oracle.ask({
      ...run,
      wrapper: surroundings.wrapper,
      onStarted: () => surroundings.lift(),
    });
  } finally {
    surroundings.remove();
  }
}

/** Only the machine decides whether root may make groups: so no setting turns the skip into a failure. */
function surroundingsOrSkip(
  context: { skip(reason: string): never },
  create: () => Surroundings,
): Surroundings {
  try {
    return create();
  } catch (error) {
    return context.skip(`no cgroup can be made here: ${String(error)}`);
  }
}
