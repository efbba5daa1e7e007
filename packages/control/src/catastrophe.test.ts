import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CaptureKind, CaptureResponse, GuardResult } from '@heapfloor/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { createApps, INSTANCE, sign, type ControlApp } from './testing/control-app.fixture.ts';
import { until } from './testing/until.fixture.ts';

const apps = createApps();
afterAll(apps.end);

const ENV = { HEAPFLOOR_CONTROL_KINDS: 'heap-snapshot,heap-profile,cpu-profile,inspector' };
/** An app at its end waits for nothing of ours but the pause that V8 is in; the rest is for busy machines. Unit: ms. */
const END_WITHIN_MS = 15_000;

/** The ways in which an app ends by itself; SIGUSR2 makes it. */
const ENDS = [
  { name: 'process.exit', code: 'process.exit(3)', exitCode: 3 },
  { name: 'natural end', code: 'process.exitCode = 5; clearInterval(alive)', exitCode: 5 },
  { name: 'uncaught exception', code: `throw new Error('of the app')`, exitCode: 1 },
] as const;

/** Objects enough that a snapshot stops it for some hundred ms. */
const appThat = (end: string): string =>
  `const kept = Array.from({ length: 150_000 }, (_, id) => ({ id }));
   const alive = setInterval(() => kept.length, 1000);
   process.on('SIGUSR2', () => { ${end} });`;

describe.concurrent('an app that ends in the middle of a capture', () => {
  it.each(['heap-snapshot', 'heap-profile', 'cpu-profile', 'inspector'] as const)(
    'ends with its own exit code, and locks no %s out',
    async (kind) => {
      const exitCodes: (number | null)[] = [];
      for (const end of ENDS) exitCodes.push(await endInCapture(kind, end));
      expect(exitCodes).toEqual(ENDS.map(({ exitCode }) => exitCode));
    },
  );

  it.each(['SIGKILL', 'SIGTERM'] as const)('by %s locks the kind out, until it is reset', async (signal) => {
    const kind = 'heap-profile';
    const app = await apps.start({ env: ENV });
    await begin(app, kind);
    app.child.kill(signal);
    // Nobody listens to SIGTERM, so the kernel ends the app as it does with SIGKILL.
    expect(await once(app.child, 'exit')).toEqual([null, signal]);
    expect(app.stderr()).not.toContain('Waiting for the debugger');
    const again = await apps.start({ env: ENV, directory: app.directory });
    await expectTruth(again, kind);
    const locked = await lockOutOf(again, kind);
    expect(locked).toMatchObject({ outcome: 'refused', numbers: { lockoutCount: 1 }, retryAt: null });
    expect(locked?.reason).toMatch(
      /died during capture the-capture.*run heapfloor capture <target> --reset heap-profile/,
    );
    expect((await lockOutOf(again, 'cpu-profile'))?.outcome).toBe('allowed');
    const token = await sign({ action: 'reset', kind });
    const answer = await again.send(`/v1/lockouts/${kind}/reset`, { method: 'POST', token });
    expect(answer.status).toBe(204);
    const { verdict } = await again.capture({ captureId: 'after-reset', kind, profileDurationMs: 1_000 });
    expect(verdict).toMatchObject({ outcome: 'allowed', grantedKind: kind });
    expect((await again.untilDone('after-reset')).operation?.state).toBe('succeeded');
  });

  it('by SIGTERM with a handler of its own, as services have it, locks nothing out', async () => {
    const app = await apps.start({
      env: ENV,
      code: `const alive = setInterval(() => {}, 1000); process.on('SIGTERM', () => clearInterval(alive));`,
    });
    await begin(app, 'heap-profile');
    app.child.kill('SIGTERM');
    expect(await once(app.child, 'exit')).toEqual([0, null]);
    const again = await apps.start({ env: ENV, directory: app.directory });
    expect((await lockOutOf(again, 'heap-profile'))?.outcome).toBe('allowed');
  });
});

/** @returns its exit code. */
async function endInCapture(kind: CaptureKind, end: (typeof ENDS)[number]): Promise<number | null> {
  const app = await apps.start({ env: ENV, code: appThat(end.code) });
  await begin(app, kind);
  const endedWithin = once(app.child, 'close', { signal: AbortSignal.timeout(END_WITHIN_MS) });
  app.child.kill('SIGUSR2');
  const [exitCode] = (await endedWithin) as [number | null];
  expect(app.stderr()).not.toContain('Waiting for the debugger');
  const again = await apps.start({ env: ENV, directory: app.directory });
  await expectTruth(again, kind);
  expect((await lockOutOf(again, kind))?.outcome).toBe('allowed');
  return exitCode;
}

/** Returns in the middle of it; of an inspector with a client that debugs. */
async function begin(app: ControlApp, kind: CaptureKind): Promise<void> {
  const command = { captureId: 'the-capture', kind, profileDurationMs: 60_000 };
  const { verdict } = await app.capture(command);
  expect(verdict.explanation).toContain('allowed');
  if (kind === 'heap-snapshot') {
    await until(
      async () => read(app),
      (operation) => operation?.phase?.startsWith('taking main') === true,
    );
  }
  if (kind === 'inspector') await connectClient(app);
}

async function connectClient(app: ControlApp): Promise<void> {
  const operation = await until(
    async () => read(app),
    (now) => (now?.inspector ?? null) !== null,
  );
  const socket = new WebSocket(operation?.inspector?.webSocketUrl ?? '');
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 1, method: 'Debugger.enable' }));
  await once(socket, 'message');
}

async function read(app: ControlApp, captureId = 'the-capture'): Promise<CaptureResponse['operation']> {
  const token = await sign({ action: 'read', captureId });
  const { operation } = (
    await app.send(`/v1/captures/${captureId}`, { token })
  ).json() as unknown as CaptureResponse;
  return operation;
}

async function lockOutOf(app: ControlApp, kind: CaptureKind): Promise<GuardResult | undefined> {
  const { verdict } = await app.capture({ captureId: `lock-out-${kind}`, kind, dryRun: true });
  return verdict.steps[0]?.guards.find(({ guard }) => guard === 'lock-out');
}

/** What a fresh start says of the capture that was cut off: it has ended, and what it lists is whole. */
async function expectTruth(app: ControlApp, kind: CaptureKind): Promise<void> {
  const operation = await read(app);
  expect(operation?.kind).toBe(kind);
  const artifactCount = operation?.artifacts.length ?? 0;
  const leavesFile = kind !== 'inspector';
  expect(['failed 0', 'failed 1', `succeeded ${leavesFile ? 1 : 0}`]).toContain(
    `${operation?.state} ${artifactCount}`,
  );
  for (const { fileName, sha256 } of operation?.artifacts ?? []) {
    const token = await sign({ action: 'read', captureId: 'the-capture' });
    const { body } = await app.send(`/v1/captures/the-capture/artifacts/${fileName}`, { token });
    expect(createHash('sha256').update(body).digest('hex')).toBe(sha256);
  }
  const listed = (operation?.artifacts ?? []).flatMap(({ fileName }) => [
    fileName,
    `${fileName}.manifest.json`,
  ]);
  const names = readdirSync(join(app.directory, INSTANCE)).filter((name) => name.startsWith('the-capture.'));
  expect(names.filter((name) => !name.endsWith('.operation.json'))).toEqual(listed);
}
