import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { CaptureKind } from '@heapfloor/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApps, sign, type ControlApp } from './testing/control-app.fixture.ts';
import { breakControlThread, withFaults } from './testing/faulty-app.fixture.ts';
import { until } from './testing/until.fixture.ts';

const READINESS = new URL('./drain/readiness.ts', import.meta.url).href;
const KINDS = { HEAPFLOOR_CONTROL_KINDS: 'heap-snapshot,heap-profile,cpu-profile,inspector' };

const apps = createApps();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-crash-'));
});
afterEach(async () => {
  await apps.end();
  rmSync(folder, { recursive: true, force: true });
});

interface Served {
  readonly app: ControlApp;
  /** What the app's own readiness check says. */
  readonly isReady: () => Promise<string>;
}

/** A service whose own server answers its readiness check, and whose snapshot takes some hundred ms. */
async function serve(env: Record<string, string> = {}): Promise<Served> {
  const app = await apps.start(
    withFaults(folder, {
      directory: folder,
      env: { ...KINDS, ...env },
      code: `const kept = Array.from({ length: 150_000 }, (_, id) => ({ id }));
        import(${JSON.stringify(READINESS)}).then(({ isReady }) => {
          require('node:http').createServer((request, response) => response.end(String(isReady() && kept.length > 0)))
            .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
        });`,
    }),
  );
  if (app.child.stdout === null) throw new Error('the app was started without a pipe');
  const [port] = (await once(createInterface(app.child.stdout), 'line')) as [string];
  return { app, isReady: async () => get(Number(port)) };
}

async function get(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    request(
      { port, host: '127.0.0.1', agent: false },
      (response) => void text(response).then(resolve, reject),
    )
      .on('error', reject)
      .end();
  });
}

async function read(app: ControlApp): Promise<Record<string, unknown>> {
  const token = await sign({ action: 'read', captureId: 'the-capture' });
  return (await app.send('/v1/captures/the-capture', { token })).json()['operation'] as Record<
    string,
    unknown
  >;
}

/** The thread died by itself: the app has nothing to do with it, and the next start says what became of the capture. */
async function expectAppGoesOn({ app, isReady }: Served, cause: string): Promise<void> {
  await expect.poll(app.stderr, { timeout: 10_000 }).toContain('CONTROL_THREAD_DIED');
  expect(app.stderr()).toContain(cause);
  await expect.poll(isReady).toBe('true');
  expect(app.child.exitCode).toBeNull();
}

/** @returns what the lock-out guard says of that kind after a fresh start. */
async function expectTrueStart(app: ControlApp, kind: CaptureKind): Promise<string | undefined> {
  app.child.kill('SIGKILL');
  await once(app.child, 'exit');
  const again = await apps.start({ directory: folder, env: KINDS });
  expect(await read(again)).toMatchObject({
    state: 'failed',
    artifacts: [],
    error: { code: 'CONTROL_CAPTURE_INTERRUPTED' },
  });
  const { verdict } = await again.capture({ captureId: 'lock-out-1', kind, dryRun: true });
  return verdict.steps[0]?.guards.find(({ guard }) => guard === 'lock-out')?.outcome;
}

describe('a control thread that crashes', () => {
  it.each([
    ['crash', 'a fault of the test'],
    ['exhaust', 'memory'],
  ] as const)('of %s in a heap profile leaves the app as it was', async (fault, cause) => {
    // Of each isolate, so that a heap is soon exhausted.
    const served = await serve({ NODE_OPTIONS: '--max-old-space-size=256' });
    await served.app.capture({ captureId: 'the-capture', kind: 'heap-profile', profileDurationMs: 60_000 });
    breakControlThread(folder, fault);
    await expectAppGoesOn(served, cause);
    rmSync(join(folder, fault));
    expect(await expectTrueStart(served.app, 'heap-profile')).toBe('allowed');
  });

  it('in the pause of a heap snapshot leaves the app as it was', async () => {
    const served = await serve();
    await served.app.capture({ captureId: 'the-capture', kind: 'heap-snapshot' });
    await until(
      async () => read(served.app),
      ({ phase }) => String(phase).startsWith('taking main'),
    );
    breakControlThread(folder, 'crash');
    await expectAppGoesOn(served, 'a fault of the test');
    rmSync(join(folder, 'crash'));
    expect(await expectTrueStart(served.app, 'heap-snapshot')).toBe('allowed');
  });

  it('in a drain gives the instance back to service', async () => {
    const served = await serve({
      HEAPFLOOR_CONTROL_DRAIN: 'true',
      HEAPFLOOR_CONTROL_MAX_PAUSE_MS: '0',
      HEAPFLOOR_CONTROL_DRAIN_NOTICE_MS: '60000',
    });
    const { verdict } = await served.app.capture({ captureId: 'the-capture', kind: 'heap-snapshot' });
    expect(verdict.steps[0]).toMatchObject({ outcome: 'allowed', drains: true });
    await expect.poll(served.isReady).toBe('false');
    breakControlThread(folder, 'crash');
    await expectAppGoesOn(served, 'a fault of the test');
    rmSync(join(folder, 'crash'));
    expect(await expectTrueStart(served.app, 'heap-snapshot')).toBe('allowed');
  });

  it('with an inspector open and an app stopped at a breakpoint lets the app go on', async () => {
    const served = await serve();
    await served.app.capture({ captureId: 'the-capture', kind: 'inspector' });
    const urlOf = async (): Promise<string> =>
      ((await read(served.app))['inspector'] as { webSocketUrl: string } | null)?.webSocketUrl ?? '';
    await expect.poll(urlOf).toMatch(/^ws:/);
    const socket = new WebSocket(await urlOf());
    await once(socket, 'open');
    const messages: string[] = [];
    socket.addEventListener('message', ({ data }) => messages.push(String(data)));
    for (const [id, method] of ['Debugger.enable', 'Debugger.pause'].entries()) {
      socket.send(JSON.stringify({ id, method }));
    }
    const pausing = served.isReady();
    await expect.poll(() => messages.join('\n'), { timeout: 5_000 }).toContain('"Debugger.paused"');
    breakControlThread(folder, 'crash');
    expect(await pausing).toBe('true');
    await expectAppGoesOn(served, 'a fault of the test');
  });
});
