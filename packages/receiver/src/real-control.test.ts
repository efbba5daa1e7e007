import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { captureRecord, type CaptureRecord } from '@heapfloor/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildWebhook, buildWebhookAlert } from './alerts/payload.fixture.ts';
import { createControlClient } from './control/control-client.ts';
import { loadOrCreateKeyPair } from './control/key-pair.ts';
import { post, send } from './http/test-app.fixture.ts';
import { startReceiver, type RunningReceiver } from './start-receiver.ts';

/** A process that leaks sessions and lets itself be commanded. */
const APP = `
  import { startControl } from '@heapfloor/control';
  class Session { constructor(id) { this.id = id; this.basket = [id, id, id]; } }
  const sessions = (globalThis.sessions = new Map());
  setInterval(() => {
    for (let count = 0; count < 500; count += 1) sessions.set(sessions.size, new Session(sessions.size));
  }, 5);
  await startControl(JSON.parse(process.env.CONTROL_OPTIONS));
  console.log('started');`;

let directory: string;
let receiver: RunningReceiver;
let app: ChildProcess;
let ended: Promise<unknown>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heapfloor-real-'));
  await mkdir(join(directory, 'app'), { mode: 0o700 });
  const targets = [{ instance: 'shop-1', service: 'shop', address: controlAddress() }];
  await writeFile(join(directory, 'targets.json'), JSON.stringify({ targets }));
  const logged = new EventEmitter();
  ended = once(logged, 'capture-ended');
  receiver = await startReceiver(
    {
      port: 0,
      dataDirectory: join(directory, 'data'),
      targetsFile: join(directory, 'targets.json'),
      allowUnsigned: true,
      snapshotGapMs: 400,
      profileDurationMs: 1000,
    },
    { log: ({ event }) => logged.emit(event) },
  );
});

afterEach(async () => {
  await receiver.close();
  app.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

function controlAddress(): string {
  return `unix:${join(directory, 'app', 'control.sock')}`;
}

async function startApp(options: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const control = {
    enabledKinds: ['diagnostic-report', 'heap-profile', 'heap-snapshot'],
    listen: controlAddress(),
    instance: 'shop-1',
    publicKeyFiles: [receiver.publicKeyFile],
    artifactDirectory: join(directory, 'app', 'artifacts'),
    warmUpMs: 0,
    ...options,
  };
  app = spawn(process.execPath, ['--conditions=@heapfloor/source', '--input-type=module', '-e', APP], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, CONTROL_OPTIONS: JSON.stringify(control) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(app, 'exit').then(([code]) => {
    throw new Error(`the app ended with ${code}`);
  });
  await Promise.race([once(app.stdout ?? app, 'data'), gone]);
  gone.catch(() => {});
}

async function capture(): Promise<CaptureRecord> {
  const alert = buildWebhookAlert({ startsAt: new Date().toISOString() });
  const { body } = await post(`${receiver.url}/hooks/alertmanager`, buildWebhook(alert));
  expect(body['accepted']).toBe(1);
  await ended;
  const list = (await send(`${receiver.url}/api/captures`)).body['captures'] as unknown[];
  return captureRecord.parse(list[0]);
}

// Two snapshots and an analysis take their time on a busy machine.
describe('the receiver and a real control', { timeout: 90_000 }, () => {
  it('capture, fetch and explain a leak, and leave nothing on the app’s side', async () => {
    await startApp();
    const record = await capture();
    expect(record).toMatchObject({ state: 'succeeded', error: null, attempts: 1 });
    expect(record.artifacts.map(({ kind }) => kind)).toEqual(['heap-snapshot', 'heap-snapshot']);
    expect(record.report?.suspect?.constructor).toBe('Session');
    const left = await readdir(join(directory, 'app', 'artifacts'));
    expect(left.filter((name) => name.includes('heapsnapshot'))).toEqual([]);
  });

  it('agree on a profile when the guards refuse a snapshot', async () => {
    await startApp({ heapCeilingBytes: 2 ** 20 });
    const record = await capture();
    expect(record).toMatchObject({ state: 'downgraded', verdict: { grantedKind: 'heap-profile' } });
    expect(record.allocations?.totalSizeBytes).toBeGreaterThan(0);
  });

  it('agree on numbers alone when nothing else may be taken', async () => {
    await startApp({ enabledKinds: ['heap-snapshot'], heapCeilingBytes: 2 ** 20 });
    const record = await capture();
    expect(record).toMatchObject({ state: 'downgraded', error: null });
    expect(record.artifacts.map(({ kind }) => kind)).toEqual(['metrics-summary']);
    expect(record.verdict?.steps[0]?.guards.map(({ outcome }) => outcome)).toContain('refused');
  });

  it('understand each other’s dry run, health and refusals', async () => {
    await startApp();
    const { privateKeyPem } = await loadOrCreateKeyPair(join(directory, 'data'));
    const client = createControlClient({ address: controlAddress(), instance: 'shop-1', privateKeyPem });
    const command = {
      action: 'capture',
      captureId: 'dry-run-0001',
      kind: 'heap-snapshot',
      alertFingerprint: null,
    } as const;
    const { verdict, operation } = await client.capture({ ...command, dryRun: true });
    expect([verdict.dryRun, operation]).toEqual([true, null]);
    expect(await client.health()).toMatchObject({ status: 'ok' });
    await expect(client.read('unknown-0001')).rejects.toMatchObject({ code: 'RECEIVER_OPERATION_LOST' });
    const misdirected = createControlClient({ address: controlAddress(), instance: 'shop-2', privateKeyPem });
    await expect(misdirected.capture(command)).rejects.toMatchObject({ code: 'RECEIVER_CONTROL_REFUSED' });
  });
});
