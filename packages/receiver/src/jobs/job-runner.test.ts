import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeapfloorError } from '@heapfloor/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after } from './job.fixture.ts';
import { createRunnerBench, type RunnerBench } from './runner.fixture.ts';

let bench: RunnerBench;

beforeEach(async () => {
  bench = await createRunnerBench();
});

afterEach(async () => {
  await bench.close();
});

function events(record: { timeline: readonly { event: string }[] }): string[] {
  return record.timeline.map(({ event }) => event);
}

describe('a capture', () => {
  it('goes from command to report, and its files are here and no longer there', async () => {
    const stub = await bench.startStub();
    bench.startRunner({
      floorSamples: [{ at: after(1).toISOString(), floorBytes: 8, limitBytes: 9, heapUsedBytes: 9 }],
    });
    const record = await bench.waitFor('capture-ended');
    expect(record).toMatchObject({ state: 'succeeded', attempts: 1, error: null });
    expect(events(record)).toEqual(['alert', 'accepted', 'verdict', 'captured', 'stored', 'analysed']);
    expect(stub.commands[0]).toEqual({
      action: 'capture',
      captureId: bench.id,
      kind: 'heap-snapshot',
      alertFingerprint: '249663c0b59b123b',
      alertStartsAt: record.alert.startsAt,
      isolate: 'main',
      dryRun: false,
      snapshotCount: 2,
      snapshotGapMs: 0,
      profileDurationMs: 1000,
      inspectorTtlMs: 300_000,
      inspectorPort: 0,
    });
    const directory = join(bench.directory, 'artifacts', bench.id);
    expect(await readFile(join(directory, 'a.heapsnapshot'), 'utf8')).toBe('first');
    expect(bench.analysed).toEqual([
      { snapshotPaths: [join(directory, 'a.heapsnapshot'), join(directory, 'b.heapsnapshot')] },
    ]);
    expect(stub.removedIds).toEqual([bench.id]);
    expect(record.floorSamples).toHaveLength(1);
  });

  it('that was downgraded is a full capture', async () => {
    await bench.startStub({ grantedKind: 'heap-profile', artifacts: { 'a.heapprofile': '{}' } });
    bench.startRunner({
      analyse: async () => ({ report: null, allocations: { totalSizeBytes: 0, sites: [] } }),
    });
    const record = await bench.waitFor('capture-ended');
    expect(record).toMatchObject({ state: 'downgraded', allocations: { totalSizeBytes: 0 } });
    expect(bench.analysed).toEqual([
      { profilePath: join(bench.directory, 'artifacts', bench.id, 'a.heapprofile') },
    ]);
  });

  it('that was refused keeps the verdict and ends', async () => {
    const stub = await bench.startStub({ grantedKind: null });
    bench.startRunner();
    const record = await bench.waitFor('capture-ended');
    expect(record).toMatchObject({ state: 'refused', artifacts: [], verdict: { outcome: 'refused' } });
    expect(record.timeline.at(-1)?.detail).toBe('Heap snapshot refused: 200 MB missing.');
    expect(stub.commands).toHaveLength(1);
  });

  it('of a diagnostic report needs no analysis', async () => {
    await bench.startStub({ grantedKind: 'diagnostic-report', artifacts: { 'a.json': '{}' } });
    bench.startRunner();
    expect(await bench.waitFor('capture-ended')).toMatchObject({ state: 'downgraded' });
    expect(bench.analysed).toEqual([]);
  });

  it('that the app failed at says why', async () => {
    await bench.startStub({ artifacts: {}, failure: { code: 'CONTROL_DISK_FULL', message: 'no space' } });
    bench.startRunner();
    const record = await bench.waitFor('capture-ended');
    expect(record).toMatchObject({
      state: 'failed',
      error: { code: 'CONTROL_DISK_FULL', message: 'no space' },
    });
  });

  it('whose analysis fails keeps its files', async () => {
    await bench.startStub();
    bench.startRunner({
      analyse: async () => {
        throw new HeapfloorError('HEAP_ANALYSIS_TRUNCATED', 'cut off');
      },
    });
    const record = await bench.waitFor('capture-ended');
    expect(record).toMatchObject({ state: 'succeeded', error: { code: 'HEAP_ANALYSIS_TRUNCATED' } });
    expect(record.artifacts).toHaveLength(2);
  });

  it('keeps what others wrote on it meanwhile', async () => {
    const stub = await bench.startStub({ isSlow: true });
    bench.startRunner();
    await stub.waitFor('read');
    await bench.store.update(bench.id, (record) => ({
      ...record,
      timeline: [...record.timeline, { at: after(9).toISOString(), event: 'resolved', detail: 'resolved' }],
    }));
    stub.finish();
    expect(events(await bench.waitFor('capture-ended'))).toContain('resolved');
  });
});

describe('trouble', () => {
  it('an app out of reach is tried again, as often as allowed', async () => {
    bench.startRunner({ maxAttempts: 3 });
    const record = await bench.waitFor('capture-failed');
    expect(bench.logs.filter(({ event }) => event === 'capture-retry')).toHaveLength(2);
    expect(record).toMatchObject({
      state: 'failed',
      attempts: 3,
      error: { code: 'RECEIVER_CONTROL_UNREACHABLE' },
    });
  });

  it('an app that comes back gets the command once', async () => {
    bench.startRunner({ maxAttempts: 50 });
    await bench.waitFor('capture-retry');
    const stub = await bench.startStub();
    const record = await bench.waitFor('capture-ended');
    expect(record.state).toBe('succeeded');
    expect(record.attempts).toBeGreaterThan(1);
    expect(stub.startedCount).toBe(1);
  });

  it('a refused command is not tried again', async () => {
    await bench.startStub({ instance: 'another' });
    bench.startRunner();
    expect(await bench.waitFor('capture-failed')).toMatchObject({
      attempts: 1,
      error: { code: 'RECEIVER_CONTROL_REFUSED' },
    });
  });

  it('a spoilt download is fetched again, and nothing is captured again', async () => {
    const stub = await bench.startStub({
      spoil: (content, requestCount) => (requestCount === 1 ? content.subarray(1) : content),
    });
    bench.startRunner();
    const record = await bench.waitFor('capture-ended');
    expect(record).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(events(record)).toEqual([
      'alert',
      'accepted',
      'verdict',
      'captured',
      'retry',
      'stored',
      'analysed',
    ]);
    expect(stub.commands.filter(({ action }) => action === 'capture')).toHaveLength(1);
  });

  it('a download that never succeeds leaves no file in the list that is not here', async () => {
    await bench.startStub({
      spoil: (content) => (content.toString() === 'second' ? content.subarray(1) : content),
    });
    bench.startRunner({ maxAttempts: 2 });
    const record = await bench.waitFor('capture-failed');
    expect(record.artifacts.map(({ fileName }) => fileName)).toEqual(['a.heapsnapshot']);
    expect(record).toMatchObject({ error: { code: 'RECEIVER_ARTIFACT_MISMATCH' } });
    const files = await readdir(join(bench.directory, 'artifacts', bench.id));
    expect(files.filter((name) => !name.endsWith('.manifest.json'))).toEqual(['a.heapsnapshot']);
  });

  it('an app that takes too long is left', async () => {
    await bench.startStub({ isSlow: true });
    bench.startRunner({ captureDeadlineMs: 50 });
    expect(await bench.waitFor('capture-failed')).toMatchObject({
      state: 'failed',
      error: { code: 'RECEIVER_CONTROL_TIMEOUT' },
    });
  });

  it('an app that restarted after it accepted is not asked for another snapshot', async () => {
    const first = await bench.startStub({ isSlow: true });
    const runner = bench.startRunner();
    await first.waitFor('read');
    await runner.stop();
    await first.close();
    const second = await bench.startStub();
    bench.startRunner();
    expect(await bench.waitFor('capture-failed')).toMatchObject({
      state: 'failed',
      error: { code: 'RECEIVER_OPERATION_LOST' },
    });
    expect(second.startedCount).toBe(0);
  });

  it('a receiver that stops mid-way goes on where it was', async () => {
    const stub = await bench.startStub({ isSlow: true });
    const runner = bench.startRunner();
    await stub.waitFor('read');
    await runner.stop();
    expect(await bench.store.read(bench.id)).toMatchObject({ state: 'queued', attempts: 1 });
    stub.finish();
    bench.startRunner();
    expect(await bench.waitFor('capture-ended')).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(stub.commands.filter(({ action }) => action === 'capture')).toHaveLength(1);
  });

  it('a receiver that dies at every attempt ends the capture', async () => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const now = new Date();
      await bench.store.claim({ owner: `dead-${attempt}`, now, leaseMs: 15_000 });
      await bench.store.release({ id: bench.id, owner: `dead-${attempt}` }, now);
    }
    bench.startRunner({ maxAttempts: 3 });
    expect(await bench.waitFor('capture-failed')).toMatchObject({
      state: 'failed',
      error: { code: 'RECEIVER_ATTEMPTS_EXHAUSTED' },
    });
  });

  it('a lease that went to another is noticed, and nothing more is written', async () => {
    const stub = await bench.startStub({ isSlow: true });
    bench.startRunner({ leaseMs: 60 });
    await stub.waitFor('read');
    // Another worker, whose clock is an hour ahead.
    const now = new Date(Date.now() + 3_600_000);
    await bench.store.claim({ owner: 'another', now, leaseMs: 3_600_000 });
    const record = await bench.waitFor('capture-lease-lost');
    stub.finish();
    expect(record).toMatchObject({ state: 'running', attempts: 2 });
    expect(await bench.store.read(bench.id)).toEqual(record);
  });
});
