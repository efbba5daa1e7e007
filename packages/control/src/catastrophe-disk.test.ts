import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptureResponse } from '@heapfloor/contract';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { createApps, INSTANCE, sign, type Answer, type ControlApp } from './testing/control-app.fixture.ts';
import { requireSmallDisk, type SmallDisk } from './testing/small-disk.fixture.ts';

const MIB = 2 ** 20;
const FILLER = 'filler';

const apps = createApps();
const folders: string[] = [];
afterAll(async () => {
  await apps.end();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hf-disk-'));
  folders.push(folder);
  mkdirSync(join(folder, 'artifacts'), { mode: 0o700 });
  return folder;
}

interface Started {
  readonly app: ControlApp;
  readonly disk: SmallDisk;
}

async function startOnDisk(
  context: TestContext,
  sizeBytes: number,
  env: Record<string, string> = {},
): Promise<Started> {
  const folder = makeFolder();
  const directory = join(folder, 'artifacts');
  const disk = requireSmallDisk(context, directory, `size=${sizeBytes}`);
  const app = await apps.start({
    directory: folder,
    wrapper: disk.wrapper,
    env: { HEAPFLOOR_CONTROL_DIRECTORY: directory, HEAPFLOOR_CONTROL_KINDS: KINDS, ...env },
  });
  return { app, disk };
}

const KINDS = 'heap-snapshot,heap-profile,diagnostic-report,metrics-summary';

/** Leaves so much of it; 0 leaves not a byte. */
function fill({ app, disk }: Started, leftBytes: number): void {
  const path = disk.pathOf(app, FILLER);
  const { bavail, bsize } = statfsSync(disk.pathOf(app));
  writeFileSync(path, Buffer.alloc(bavail * bsize - leftBytes, 1));
}

const free = ({ app, disk }: Started): void => rmSync(disk.pathOf(app, FILLER));

/** What is there to be taken for an artifact by who looks into the folder. */
function filesOf({ app, disk }: Started, captureId: string): string[] {
  return readdirSync(disk.pathOf(app, INSTANCE)).filter(
    (name) => name.startsWith(`${captureId}.`) && !name.endsWith('.operation.json'),
  );
}

async function post(app: ControlApp, captureId: string, kind = 'heap-snapshot'): Promise<Answer> {
  const token = await sign({ action: 'capture', captureId, kind, alertFingerprint: null });
  return app.send('/v1/captures', { method: 'POST', token });
}

/** The whole way: the command, the file over HTTP, and its hash. */
async function expectCaptured(app: ControlApp, captureId: string): Promise<CaptureResponse> {
  await app.capture({ captureId, kind: 'heap-snapshot' });
  const { operation, verdict } = await app.untilDone(captureId);
  expect(operation).toMatchObject({ state: 'succeeded', kind: 'heap-snapshot', error: null });
  await expectWhole(app, operation);
  return { operation, verdict };
}

async function expectWhole(app: ControlApp, operation: CaptureResponse['operation']): Promise<void> {
  expect(operation?.artifacts.length).toBeGreaterThan(0);
  for (const { fileName, sha256 } of operation?.artifacts ?? []) {
    const token = await sign({ action: 'read', captureId: operation?.captureId });
    const file = await app.send(`/v1/captures/${operation?.captureId}/artifacts/${fileName}`, { token });
    expect(createHash('sha256').update(file.body).digest('hex')).toBe(sha256);
  }
}

async function expectAlive(app: ControlApp): Promise<void> {
  expect((await app.send('/healthz')).json()).toMatchObject({
    status: 'ok',
    mainThread: { responsive: true },
  });
  expect(app.child.exitCode).toBeNull();
}

describe.concurrent('on a disk of its own', () => {
  it('that is nearly full, something cheaper is taken, and with room again the snapshot', async (context) => {
    const started = await startOnDisk(context, 64 * MIB);
    const { app } = started;
    fill(started, 9 * MIB);
    const { verdict } = await app.capture({
      captureId: 'nearly-full',
      kind: 'heap-snapshot',
      profileDurationMs: 1_000,
    });
    expect(verdict).toMatchObject({ outcome: 'downgraded', grantedKind: 'heap-profile' });
    expect(verdict.explanation).toMatch(
      /^Heap snapshot refused: needs [\d.]+ MiB of disk, 9\.0 MiB is free\. A heap sampling profile was allowed/,
    );
    const { operation } = await app.untilDone('nearly-full');
    expect(operation).toMatchObject({ state: 'succeeded', kind: 'heap-profile' });
    await expectWhole(app, operation);
    free(started);
    await expectCaptured(app, 'room-again');
  });

  it('that is full to the last byte, all is refused with the reason, and the app goes on', async (context) => {
    const started = await startOnDisk(context, 64 * MIB);
    const { app } = started;
    await expectAlive(app);
    fill(started, 0);
    const answer = await post(app, 'all-refused');
    expect(answer.status).toBe(200);
    const { verdict, operation } = answer.json() as unknown as CaptureResponse;
    expect(verdict).toMatchObject({ outcome: 'refused', grantedKind: null });
    expect(verdict.explanation).toMatch(
      /^Heap snapshot refused: the artifact directory can't be used: Error: ENOSPC/,
    );
    expect(verdict.steps.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual(
      ['heap-snapshot', 'heap-profile', 'diagnostic-report', 'metrics-summary'].map(
        (kind) => `${kind} refused`,
      ),
    );
    expect(operation?.state).toBe('refused');
    expect((await app.untilDone('all-refused')).operation?.state).toBe('refused');
    expect(filesOf(started, 'all-refused')).toEqual([]);
    await expectAlive(app);
    free(started);
    await expectCaptured(app, 'room-again');
  });

  it('that is read-only, the command is refused with the reason, and works when it is writable', async (context) => {
    const started = await startOnDisk(context, 64 * MIB);
    const { app, disk } = started;
    await expectCaptured(app, 'before-ro');
    disk.remount(app, 'ro');
    const answer = await post(app, 'read-only');
    expect(answer.status).toBe(503);
    expect(answer.json()).toMatchObject({
      code: 'CONTROL_LEDGER_UNWRITABLE',
      detail: expect.stringMatching(/EROFS.*Free the disk or mend the folder/s) as string,
    });
    await expectAlive(app);
    disk.remount(app, 'rw');
    await expectCaptured(app, 'writable-1');
  });

  it('that a snapshot fills while it is written, no part of it stays, and the app goes on', async (context) => {
    // A few times less than the snapshot, which the guard is told not to foresee.
    const started = await startOnDisk(context, 2 * MIB, { HEAPFLOOR_CONTROL_FREE_DISK_RATIO: '0' });
    const { app } = started;
    const { verdict } = await app.capture({ captureId: 'fills-disk', kind: 'heap-snapshot' });
    expect(verdict.outcome).toBe('allowed');
    const { operation } = await app.untilDone('fills-disk');
    expect(operation).toMatchObject({ state: 'failed', artifacts: [] });
    expect(operation?.error?.message).toMatch(/ENOSPC|cut short/);
    expect(filesOf(started, 'fills-disk')).toEqual([]);
    await expectAlive(app);
    // An app whose capture failed is no app that died of it.
    const next = await app.capture({ captureId: 'after-fill', kind: 'diagnostic-report' });
    expect(next.verdict.outcome).toBe('allowed');
    const done = await app.untilDone('after-fill');
    await expectWhole(app, done.operation);
    const again = await app.capture({ captureId: 'not-locked', kind: 'heap-snapshot', dryRun: true });
    expect(again.verdict.outcome).toBe('allowed');
  });

  it('that others fill during a profile, its end is answered from memory, and written later', async (context) => {
    const started = await startOnDisk(context, 64 * MIB);
    const { app, disk } = started;
    await app.capture({ captureId: 'filled-in-it', kind: 'heap-profile', profileDurationMs: 1_000 });
    fill(started, 0);
    const { operation } = await app.untilDone('filled-in-it');
    expect(operation).toMatchObject({
      state: 'failed',
      artifacts: [],
      error: { code: 'CONTROL_CAPTURE_FAILED' },
    });
    expect(operation?.error?.message).toContain('ENOSPC');
    expect(filesOf(started, 'filled-in-it')).toEqual([]);
    await expectAlive(app);
    free(started);
    await expectCaptured(app, 'room-again');
    const record = readFileSync(disk.pathOf(app, INSTANCE, 'filled-in-it.operation.json'), 'utf8');
    expect(JSON.parse(record)).toMatchObject({ operation: { state: 'failed' } });
  });
});

async function start(directory: string, env: Record<string, string>): Promise<ControlApp> {
  return apps.start({ directory, env: { HEAPFLOOR_CONTROL_KINDS: KINDS, ...env } });
}

it('a quota that is reached gives something cheaper, and room again when the receiver deletes', async () => {
  const folder = makeFolder();
  const before = await start(folder, {});
  const planned = await before.capture({ captureId: 'quota-plan', kind: 'heap-snapshot', dryRun: true });
  const guard = planned.verdict.steps[0]?.guards.find((result) => result.guard === 'artifact-quota');
  before.child.kill('SIGKILL');
  await once(before.child, 'exit');
  // The first fits by a little; the file is smaller than it was planned, so the second may fit as well.
  const quotaBytes = (guard?.numbers['predictedFileBytes'] ?? 0) + MIB;
  const app = await start(folder, { HEAPFLOOR_CONTROL_ARTIFACT_QUOTA_BYTES: String(quotaBytes) });
  const taken = await captureUntilDowngraded(app);
  expect(taken.captureIds.length).toBeGreaterThan(0);
  expect(taken.downgraded.verdict.explanation).toMatch(
    /^Heap snapshot refused: artifacts take .* above the quota of .*\. A .* was allowed instead/,
  );
  const { operation } = await app.untilDone(taken.downgraded.operation?.captureId ?? '');
  await expectWhole(app, operation);
  for (const captureId of taken.captureIds) {
    const token = await sign({ action: 'delete', captureId });
    expect((await app.send(`/v1/captures/${captureId}`, { method: 'DELETE', token })).status).toBe(204);
  }
  await expectCaptured(app, 'quota-freed');
});

async function captureUntilDowngraded(
  app: ControlApp,
): Promise<{ captureIds: readonly string[]; downgraded: CaptureResponse }> {
  const captureIds: string[] = [];
  for (;;) {
    const captureId = `quota-no-${captureIds.length}`;
    const response = await app.capture({ captureId, kind: 'heap-snapshot', profileDurationMs: 1_000 });
    if (response.verdict.outcome !== 'allowed') return { captureIds, downgraded: response };
    expect((await app.untilDone(captureId)).operation?.state).toBe('succeeded');
    captureIds.push(captureId);
  }
}
