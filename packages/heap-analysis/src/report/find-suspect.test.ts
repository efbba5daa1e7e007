import { writeFileSync } from 'node:fs';
import type { LeakReport } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { SnapshotBuilder, type BuiltNode } from '../../test/snapshot-builder.ts';
import { useTemporaryFolder } from '../../test/temporary-folder.ts';
import { analyzeSnapshots } from '../analyze-snapshots.ts';

const folder = useTemporaryFolder();
const JOB: BuiltNode = { type: 'object', name: 'Job', selfSize: 2000, location: [9, 6, 2] };
const TICKET: BuiltNode = { ...JOB, name: 'Ticket', location: [9, 20, 2] };

/** So many objects of a kind; ids from `firstId` on, so that an object of the base can stay or go. */
interface Crowd {
  readonly node: BuiltNode;
  readonly firstId: number;
  readonly count: number;
}

interface Heap {
  /** In the array `global.store`. */
  readonly crowds?: readonly Crowd[];
  /** Own size of an object beside the store. */
  readonly restBytes?: number;
  readonly storeId?: number;
}

function build({ crowds = [], restBytes = 0, storeId = 5 }: Heap): SnapshotBuilder {
  const builder = new SnapshotBuilder();
  const root = builder.node({ type: 'synthetic', name: '', id: 1 });
  const global = builder.node({ type: 'object', name: 'global', id: 3, selfSize: 100 });
  const store = builder.node({ type: 'object', name: 'Array', id: storeId, selfSize: 16 });
  const rest = builder.node({ type: 'object', name: 'Rest', id: 7, selfSize: restBytes });
  builder.edge(root, global, 'shortcut', 'global').edge(global, store, 'property', 'store');
  builder.edge(global, rest, 'property', 'rest');
  for (const { node, firstId, count } of crowds) {
    for (let at = 0; at < count; at++) {
      builder.edge(store, builder.node({ ...node, id: firstId + at * 2 }), 'element', at);
    }
  }
  return builder;
}

async function analyze(...builders: SnapshotBuilder[]): Promise<LeakReport> {
  const paths = builders.map((builder, at) => {
    writeFileSync(folder.path(`${at}.heapsnapshot`), builder.toText());
    return folder.path(`${at}.heapsnapshot`);
  });
  return analyzeSnapshots(paths);
}

const jobs = (count: number, firstId = 1001): Crowd => ({ node: JOB, firstId, count });

/** So many jobs as properties of an object. */
function crowdOn(builder: SnapshotBuilder, owner: number, count: number): SnapshotBuilder {
  for (let at = 0; at < count; at++) {
    const job = builder.node({ ...JOB, id: 1001 + at * 2 });
    builder.edge(owner, job, 'property', `job${at}`);
  }
  return builder;
}

/** Jobs of an object that the embedder made a root. */
function pages(count: number): SnapshotBuilder {
  const builder = build({});
  const page = builder.node({ type: 'object', name: 'Page', id: 13, selfSize: 10 });
  return crowdOn(builder.edge(0, page, 'element', 9), page, count);
}

/** Jobs that only a native handle holds. */
function handles(count: number): SnapshotBuilder {
  const builder = build({});
  const globalHandles = builder.node({ type: 'synthetic', name: '(Global handles)', id: 13 });
  builder.edge(0, globalHandles, 'element', 1);
  for (let at = 0; at < count; at++) {
    builder.edge(globalHandles, builder.node({ ...JOB, id: 1001 + at * 2 }), 'internal', String(at));
  }
  return builder;
}

/** Jobs in an array under a property of a registry. */
function registry(count: number, property: string): SnapshotBuilder {
  const builder = build({});
  const inner = builder.node({
    type: 'object',
    name: 'Registry',
    id: 13,
    selfSize: 10,
    location: [9, 1, 1],
  });
  const list = builder.node({ type: 'object', name: 'Array', id: 15, selfSize: 10 });
  builder.edge(1, inner, 'property', 'registry').edge(inner, list, 'property', property);
  for (let at = 0; at < count; at++) {
    builder.edge(list, builder.node({ ...JOB, id: 1001 + at * 2 }), 'element', at);
  }
  return builder;
}

/** A chain of jobs, the newest at the global and the oldest, with the smallest id, at the end. */
function list(count: number): SnapshotBuilder {
  const builder = build({});
  let holder = 1;
  for (let at = count - 1; at >= 0; at--) {
    const job = builder.node({ ...JOB, id: 1001 + at * 2 });
    builder.edge(holder, job, 'property', holder === 1 ? 'newest' : 'next');
    holder = job;
  }
  return builder;
}

describe('a suspect', () => {
  it('has the growth that can be worked out by hand', async () => {
    const { suspect, growthBytes } = await analyze(
      build({ crowds: [jobs(10)] }),
      build({ crowds: [jobs(210)], restBytes: 100_000 }),
    );
    expect(growthBytes).toBe(500_000);
    expect(suspect).toMatchObject({
      constructor: 'Job',
      newCount: 200,
      deletedCount: 0,
      retainedDeltaBytes: 400_000,
      shareOfGrowthRatio: 0.8,
      holder: 'global.store',
    });
    expect(suspect!.retainerPath.map(({ nodeId, role }) => [nodeId, role])).toEqual([
      [1, 'root'],
      [5, 'accumulator'],
      [expect.any(Number), 'culprit'],
    ]);
  });

  it.each([
    ['at least 128 KiB', build({ crowds: [jobs(66)] }), build({ crowds: [jobs(65)] })],
    [
      'at least 0.2 % of the heap',
      build({ crowds: [jobs(201)], restBytes: 200e6 }),
      build({ crowds: [jobs(199)], restBytes: 200e6 }),
    ],
    [
      'at least 20 % of the growth',
      build({ crowds: [jobs(100)], restBytes: 790_000 }),
      build({ crowds: [jobs(100)], restBytes: 810_000 }),
    ],
    [
      'at least 10 objects',
      build({ crowds: [{ node: { ...JOB, selfSize: 50_000 }, firstId: 1001, count: 10 }] }),
      build({ crowds: [{ node: { ...JOB, selfSize: 50_000 }, firstId: 1001, count: 9 }] }),
    ],
  ])('needs %s', async (_, enough, tooLittle) => {
    // The rest is no new object, so that only the growth of the heap counts it.
    const restBytes = enough.nodes[3]!.selfSize === 200e6 ? 200e6 : 0;
    expect((await analyze(build({ restBytes }), enough)).suspect?.constructor).toBe('Job');
    expect((await analyze(build({ restBytes }), tooLittle)).suspect).toBeNull();
  });

  it('is not a class whose old objects made room for its new ones', async () => {
    const big: BuiltNode = { ...TICKET, selfSize: 3000 };
    const { suspect } = await analyze(
      build({ crowds: [{ node: big, firstId: 5001, count: 300 }] }),
      build({ crowds: [jobs(200), { node: big, firstId: 9001, count: 320 }] }),
    );
    // 320 new tickets of 3 kB are more than 200 new jobs of 2 kB, but 300 tickets went.
    expect(suspect).toMatchObject({ constructor: 'Job', retainedDeltaBytes: 400_000 });
  });

  it('is not a class that is as many as before, though its objects are larger now', async () => {
    const { suspect } = await analyze(
      build({ crowds: [{ node: { ...TICKET, selfSize: 1000 }, firstId: 5001, count: 300 }] }),
      build({ crowds: [jobs(200), { node: { ...TICKET, selfSize: 3000 }, firstId: 9001, count: 300 }] }),
    );
    expect(suspect).toMatchObject({ constructor: 'Job' });
  });

  it('is the object and not its larger key', async () => {
    const key: BuiltNode = { type: 'string', name: 'a key', selfSize: 3000 };
    const { suspect } = await analyze(
      build({}),
      build({ crowds: [{ node: key, firstId: 5001, count: 200 }, jobs(200)] }),
    );
    expect(suspect).toMatchObject({ constructor: 'Job', retainedDeltaBytes: 400_000 });
  });

  it('is found although the rest of the heap shrank, with a share of at most 1', async () => {
    const { suspect, growthBytes } = await analyze(
      build({ restBytes: 900_000 }),
      build({ crowds: [jobs(200)], restBytes: 100_000 }),
    );
    expect(growthBytes).toBe(-400_000);
    expect(suspect).toMatchObject({ constructor: 'Job', shareOfGrowthRatio: 1 });
  });

  it('is nobody when a new container took over as many objects', async () => {
    const { suspect } = await analyze(
      build({ crowds: [jobs(200)] }),
      build({ crowds: [jobs(200, 9001)], storeId: 11 }),
    );
    expect(suspect).toBeNull();
  });

  it('is found in a new container that had no forerunner', async () => {
    const { suspect } = await analyze(build({}), build({ crowds: [jobs(200, 9001)], storeId: 11 }));
    expect(suspect).toMatchObject({ constructor: 'Job', holder: 'global.store' });
  });

  it('without a known holder has the kind of root as its holder', async () => {
    const { suspect } = await analyze(handles(0), handles(200));
    expect(suspect).toMatchObject({ constructor: 'Job', holder: '(Global handles)' });
    expect(suspect!.retainerPath.map(({ name, role }) => [name, role])).toEqual([
      ['(Global handles)', 'root'],
      ['Job', 'culprit'],
    ]);
  });

  it('in a list that grows at its head does not count the old links again', async () => {
    const { suspect, growthBytes } = await analyze(list(100), list(300));
    expect(growthBytes).toBe(400_000);
    expect(suspect).toMatchObject({
      constructor: 'Job',
      newCount: 200,
      retainedDeltaBytes: 400_000,
      holder: 'global.newest',
    });
    expect(suspect!.retainerPath.map(({ edge, role }) => [edge, role])).toEqual([
      [null, 'root'],
      ['global.newest', 'accumulator'],
      ['.next', 'culprit'],
    ]);
  });

  it('on the global object itself is held by globalThis', async () => {
    const { suspect } = await analyze(crowdOn(build({}), 1, 0), crowdOn(build({}), 1, 200));
    expect(suspect).toMatchObject({ constructor: 'Job', holder: 'globalThis' });
    expect(suspect!.retainerPath.map(({ edge, role }) => [edge, role])).toEqual([
      [null, 'root'],
      ['globalThis', 'accumulator'],
      ['[key]', 'culprit'],
    ]);
  });

  it('held by a root of the embedder starts its path there', async () => {
    const { suspect } = await analyze(pages(0), pages(200));
    expect(suspect!.retainerPath.map(({ edge, name, role }) => [edge, name, role])).toEqual([
      [null, '(GC roots)', 'root'],
      ['(root)', 'Page', 'accumulator'],
      ['[key]', 'Job', 'culprit'],
    ]);
  });

  it('hides property names that are data', async () => {
    for (const [property, edge] of [
      ['jobs', '.jobs'],
      ['open-jobs', '["open-jobs"]'],
      ['<symbol kJobs>', '[Symbol(kJobs)]'],
      ['/srv/app/src/shop.js', '["shop.js"]'],
      ['alice@example.org', '[key]'],
      ['4111111111111111', '[key]'],
      [`token ${'x'.repeat(80)}`, '[key]'],
    ] as const) {
      const { suspect } = await analyze(registry(0, property), registry(200, property));
      expect(suspect!.retainerPath.find(({ role }) => role === 'accumulator')?.edge).toBe(edge);
      expect(suspect!.holder).toBe(`Registry${edge}`);
    }
  });
});
