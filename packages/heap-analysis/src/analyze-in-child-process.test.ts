import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { NODE_24, SnapshotBuilder } from '../test/snapshot-builder.ts';
import { useTemporaryFolder } from '../test/temporary-folder.ts';
import { analyzeInChildProcess } from './analyze-in-child-process.ts';
import { startAnalysisProcess, stopAnalysisProcess } from './child/analysis-process.ts';
import { crashed, fromAnswer } from './child/failures.ts';

const folder = useTemporaryFolder();

/** A store that holds so many jobs of 2 kB. */
function jobs(count: number): string {
  const builder = new SnapshotBuilder();
  const root = builder.node({ type: 'synthetic', name: '' });
  const global = builder.node({ type: 'object', name: 'global', selfSize: 100 });
  const store = builder.node({ type: 'object', name: 'Array', selfSize: 40_000 });
  builder.edge(root, global, 'shortcut', 'global').edge(global, store, 'property', 'jobs');
  for (let at = 0; at < count; at++) {
    const job = builder.node({ type: 'object', name: 'Job', selfSize: 2000, location: [9, 6, 2] });
    builder.edge(store, job, 'element', at);
  }
  return builder.toText();
}

/** A gzip of a few MB that expands to gigabytes: one member many times. */
function bomb(before: string, member: string): Buffer {
  return Buffer.concat([gzipSync(before), ...Array.from({ length: 400 }, () => zippedMember(member))]);
}

function countProcesses(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length;
}

function ended(stderr: string) {
  return crashed({ process: undefined as never, stderr: () => stderr }, 'signal SIGABRT');
}

const zippedMembers = new Map<string, Buffer>();
function zippedMember(text: string): Buffer {
  const zipped = zippedMembers.get(text) ?? gzipSync(text.repeat(Math.ceil((16 << 20) / text.length)));
  zippedMembers.set(text, zipped);
  return zipped;
}

beforeAll(() => {
  writeFileSync(folder.path('1.heapsnapshot'), jobs(10));
  writeFileSync(folder.path('2.heapsnapshot'), jobs(210));
  writeFileSync(folder.path('cut.heapsnapshot'), jobs(10).slice(0, 1000));
  const frame = { functionName: 'open', url: 'file:///srv/shop.js', lineNumber: 6, columnNumber: 0 };
  const head = { callFrame: frame, selfSize: 77, children: [] };
  writeFileSync(folder.path('a.heapprofile'), JSON.stringify({ head }));
  const header = jobs(10).split('"nodes"')[0]!;
  writeFileSync(folder.path('endless.heapsnapshot'), bomb(`${header}"future":"`, 'x'));
  writeFileSync(
    folder.path('strings.heapsnapshot'),
    bomb(`${header}"strings":["first"`, `,"${'y'.repeat(200)}"`),
  );
}, 60_000);

describe('analyzeInChildProcess', () => {
  let before = 0;
  beforeEach(() => {
    before = countProcesses();
  });
  afterEach(async () => {
    // Whatever the outcome, the process is gone; its handle closes in the next turns of the event loop.
    await vi.waitUntil(() => countProcesses() === before, { interval: 1, timeout: 500 });
  });

  it('gives the report of snapshots and of a profile', async () => {
    const { report, allocations } = await analyzeInChildProcess({
      snapshotPaths: [folder.path('1.heapsnapshot'), folder.path('2.heapsnapshot')],
      profilePath: folder.path('a.heapprofile'),
    });
    expect(report!.suspect).toMatchObject({ constructor: 'Job', countDelta: 200, holder: 'global.jobs' });
    expect(report!.growthBytes).toBe(400_000);
    expect(allocations).toMatchObject({ totalSizeBytes: 77 });
  });

  it('gives null for what was not asked', async () => {
    expect(await analyzeInChildProcess({ profilePath: folder.path('a.heapprofile') })).toMatchObject({
      report: null,
    });
    const snapshotPaths = [folder.path('1.heapsnapshot')];
    expect(await analyzeInChildProcess({ snapshotPaths })).toMatchObject({ allocations: null });
  });

  it('hands on the error of a broken file with its place', async () => {
    const act = analyzeInChildProcess({ snapshotPaths: [folder.path('cut.heapsnapshot')] });
    await expect(act).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_TRUNCATED',
      byteOffset: 1000,
      status: 400,
    });
  });

  it('stops at the deadline', async () => {
    const act = analyzeInChildProcess(
      { snapshotPaths: [folder.path('endless.heapsnapshot')] },
      { deadlineMs: 1000 },
    );
    await expect(act).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_DEADLINE_EXCEEDED',
      message: /1000 ms.*deadlineMs/,
    });
  });

  it('stops when its caller no longer wants it', async () => {
    const controller = new AbortController();
    const reason = new Error('the receiver shuts down');
    const act = analyzeInChildProcess(
      { snapshotPaths: [folder.path('endless.heapsnapshot')] },
      { signal: controller.signal },
    );
    controller.abort(reason);
    await expect(act).rejects.toMatchObject({ code: 'HEAP_ANALYSIS_ABORTED', cause: reason });
    const late = analyzeInChildProcess({ profilePath: 'x' }, { signal: controller.signal });
    await expect(late).rejects.toMatchObject({ code: 'HEAP_ANALYSIS_ABORTED', cause: reason });
  });

  it('refuses a snapshot that does not fit its memory before reading it', async () => {
    const text = new SnapshotBuilder();
    text.node({ type: 'synthetic', name: '' });
    const content = text.toText(NODE_24, ({ snapshot, ...others }) => {
      snapshot.edge_count = 20_000_000;
      others['padding'] = 'p'.repeat(1000);
    });
    // Spaces make the file as large as its header says.
    writeFileSync(folder.path('large.heapsnapshot'), content.padEnd(130e6));
    const act = analyzeInChildProcess(
      { snapshotPaths: [folder.path('large.heapsnapshot')] },
      { memoryLimitMiB: 200 },
    );
    await expect(act).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_TOO_LARGE',
      message: /20000000 edges.*420 MiB.*200 MiB/,
    });
  });

  it.runIf(process.platform === 'linux')('is stopped when a file expands beyond its memory', async () => {
    const act = analyzeInChildProcess(
      { snapshotPaths: [folder.path('strings.heapsnapshot')] },
      { memoryLimitMiB: 200 },
    );
    await expect(act).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_MEMORY_EXCEEDED',
      message: /200 MiB.*memoryLimitMiB/,
    });
  });

  it('refuses to do nothing, and limits that it does not know', async () => {
    await expect(analyzeInChildProcess({})).rejects.toMatchObject({ code: 'HEAP_ANALYSIS_INVALID_REQUEST' });
    const act = analyzeInChildProcess({ profilePath: 'x' }, { memoryLimitMiB: 1 });
    await expect(act).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_INVALID_LIMITS',
      message: /memoryLimitMiB.*128/s,
    });
  });
});

describe('the analysis process', () => {
  it.runIf(process.platform === 'linux')('gets no variable of its parent', async () => {
    process.env['HEAPFLOOR_TEST_SECRET'] = 'hunter2';
    const child = startAnalysisProcess({ memoryLimitMiB: 256, deadlineMs: 1000 });
    try {
      // Read before it has a task: it ends right after its answer.
      const names = readFileSync(`/proc/${child.process.pid}/environ`, 'utf8')
        .split('\0')
        .map((line) => line.split('=')[0]);
      expect(names.filter((name) => name !== '' && !name?.startsWith('NODE_CHANNEL_'))).toEqual([]);
    } finally {
      delete process.env['HEAPFLOOR_TEST_SECRET'];
      await stopAnalysisProcess(child);
    }
  });

  it('that runs out of memory or crashes gives its reason without quoting the file', () => {
    expect(ended('FATAL ERROR: … JavaScript heap out of memory')).toMatchObject({
      code: 'HEAP_ANALYSIS_MEMORY_EXCEEDED',
      message: /signal SIGABRT.*memoryLimitMiB/,
    });
    expect(ended('at x\nTypeError: boom\n    secret line')).toMatchObject({
      code: 'HEAP_ANALYSIS_CHILD_CRASHED',
      message: /TypeError: boom; please report/,
    });
    expect(ended('').message).toContain('it wrote no reason');
    const answer = { isSuccess: false, code: 'EOTHER', message: 'boom', byteOffset: null } as const;
    expect(fromAnswer(answer)).toMatchObject({ code: 'HEAP_ANALYSIS_CHILD_CRASHED', kind: 'internal' });
  });
});
