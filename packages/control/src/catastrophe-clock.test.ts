import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { captureResponse, type CaptureResponse, type GuardResult } from '@heapfloor/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { createApps, sign, type Answer, type ControlApp } from './testing/control-app.fixture.ts';
import { setClock, withFaults } from './testing/faulty-app.fixture.ts';

const HOUR_MS = 3_600_000;
const COOLDOWN_MS = 10 * 60_000;
/** Longest that a test takes. */
const TEST_MS = 60_000;
const ENV = {
  HEAPFLOOR_CONTROL_PROFILE_COOLDOWN_MS: String(COOLDOWN_MS),
  HEAPFLOOR_CONTROL_MAX_PROFILES_PER_HOUR: '1',
};

const apps = createApps();
afterAll(apps.end);

/** The folder of the app is also where its clock is set. */
async function start(folder: string = mkdtempSync(join(tmpdir(), 'hf-clock-'))): Promise<ControlApp> {
  return apps.start(withFaults(folder, { directory: folder, env: ENV }));
}

async function killAndRestart({ child, directory }: ControlApp): Promise<ControlApp> {
  child.kill('SIGKILL');
  await once(child, 'exit');
  return start(directory);
}

interface ProfileCommand {
  readonly captureId: string;
  /** Of the receiver's clock, which was set with the app's. */
  readonly offsetMs: number;
  readonly dryRun?: boolean;
  readonly profileDurationMs?: number;
}

async function capture(
  app: ControlApp,
  { captureId, offsetMs, dryRun = false, profileDurationMs = 1_000 }: ProfileCommand,
): Promise<CaptureResponse> {
  const what = { captureId, dryRun, profileDurationMs, kind: 'heap-profile', alertFingerprint: null };
  return parse(await post(app, await signAt(offsetMs, { action: 'capture', ...what })));
}

async function untilDone(
  app: ControlApp,
  { captureId, offsetMs }: ProfileCommand,
): Promise<CaptureResponse['operation']> {
  for (;;) {
    const token = await signAt(offsetMs, { action: 'read', captureId });
    const { operation } = parse(await app.send(`/v1/captures/${captureId}`, { token }));
    if (operation?.state !== 'running') return operation;
    await delay(20);
  }
}

async function signAt(offsetMs: number, command: object): Promise<string> {
  return sign(command, { issuedAtSeconds: Math.floor((Date.now() + offsetMs) / 1000) });
}

async function post(app: ControlApp, token: string): Promise<Answer> {
  return app.send('/v1/captures', { method: 'POST', token });
}

const parse = (answer: Answer): CaptureResponse => captureResponse.parse(answer.json());

function guardOf({ verdict }: CaptureResponse, guard: string): GuardResult | undefined {
  return verdict.steps[0]?.guards.find((result) => result.guard === guard);
}

describe.concurrent('a clock that is set', () => {
  it.each([-2 * HOUR_MS, 2 * HOUR_MS])(
    'by %i ms in the middle of a capture does not end or hang it',
    async (offsetMs) => {
      const app = await start();
      await capture(app, { captureId: 'in-the-middle', offsetMs: 0 });
      setClock(app.directory, offsetMs);
      const operation = await untilDone(app, { captureId: 'in-the-middle', offsetMs });
      expect(operation).toMatchObject({ state: 'succeeded', artifacts: [{ kind: 'heap-profile' }] });
      expect(Date.parse(operation?.finishedAt ?? '')).toBeCloseTo(Date.now() + offsetMs, -5);
      // The next look at the time is right as well.
      const next = await capture(app, { captureId: 'is-it-over', offsetMs, dryRun: true });
      expect(guardOf(next, 'cooldown')?.outcome).toBe('refused');
    },
  );

  it('back or forth between two captures changes neither cooldown nor budget', async () => {
    const app = await start();
    await capture(app, { captureId: 'first-one', offsetMs: 0 });
    await untilDone(app, { captureId: 'first-one', offsetMs: 0 });
    for (const offsetMs of [-2 * HOUR_MS, 2 * HOUR_MS, -30 * 24 * HOUR_MS, 30 * 24 * HOUR_MS, 0]) {
      setClock(app.directory, offsetMs);
      const answer = await capture(app, { captureId: 'second-one', offsetMs, dryRun: true });
      expect(Date.parse(answer.verdict.evaluatedAt)).toBeCloseTo(Date.now() + offsetMs, -5);
      const cooldown = guardOf(answer, 'cooldown');
      expect(cooldown?.outcome).toBe('refused');
      expect(cooldown?.numbers['sinceLastAttemptMs']).toBeLessThan(TEST_MS);
      expect(cooldown?.numbers['remainingMs']).toBeGreaterThan(COOLDOWN_MS - TEST_MS);
      expect(guardOf(answer, 'budget')).toMatchObject({ outcome: 'refused', numbers: { attemptCount: 1 } });
    }
  });

  it('back makes no used command good again, not after a restart either', async () => {
    const app = await start();
    const command = {
      action: 'capture',
      kind: 'diagnostic-report',
      captureId: 'used-once-1',
      alertFingerprint: null,
      dryRun: true,
    };
    const laterMs = 10 * 60_000;
    const token = await signAt(0, command);
    expect((await post(app, token)).status).toBe(200);
    setClock(app.directory, laterMs);
    expect((await post(app, token)).json()['code']).toBe('CONTROL_COMMAND_EXPIRED');
    // Another is used meanwhile: what has expired might be forgotten.
    expect((await post(app, await signAt(laterMs, command))).status).toBe(200);
    setClock(app.directory, 0);
    expect((await post(app, token)).json()['code']).toBe('CONTROL_COMMAND_REPLAYED');
    setClock(app.directory, laterMs);
    const again = await killAndRestart(app);
    expect((await post(again, await signAt(laterMs, command))).status).toBe(200);
    setClock(app.directory, 0);
    expect((await post(again, token)).json()['code']).toBe('CONTROL_COMMAND_REPLAYED');
  });

  it('back before a restart neither forgets the death in a capture nor locks the control out', async () => {
    const app = await start();
    await capture(app, { captureId: 'dies-in-it', offsetMs: 0, profileDurationMs: 60_000 });
    const offsetMs = -2 * HOUR_MS;
    setClock(app.directory, offsetMs);
    const again = await killAndRestart(app);
    const answer = await capture(again, { captureId: 'after-death', offsetMs, dryRun: true });
    const lockOut = guardOf(answer, 'lock-out');
    expect(lockOut?.outcome).toBe('refused');
    expect(lockOut?.reason).toContain('dies-in-it');
    expect(lockOut?.numbers['sinceDeathMs']).toBeLessThan(TEST_MS);
    expect(guardOf(answer, 'cooldown')?.numbers['sinceLastAttemptMs']).toBeLessThan(TEST_MS);
    expect(await untilDone(again, { captureId: 'dies-in-it', offsetMs })).toMatchObject({
      state: 'failed',
      error: { code: 'CONTROL_CAPTURE_INTERRUPTED' },
    });
  });
});
