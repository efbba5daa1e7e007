import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildWebhook, buildWebhookAlert } from './alerts/payload.fixture.ts';
import {
  startControlStub,
  type ControlStub,
  type ControlStubOptions,
} from './control/control-stub.fixture.ts';
import { loadOrCreateKeyPair } from './control/key-pair.ts';
import { post, send } from './http/test-app.fixture.ts';
import { startReceiverProcess, type ReceiverProcess } from './receiver-process.fixture.ts';

let directory: string;
let stub: ControlStub | undefined;
let receiver: ReceiverProcess;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heapfloor-kill-'));
  const target = {
    instance: 'shop-1',
    service: 'shop',
    address: `unix:${join(directory, 'app', 'shop.sock')}`,
  };
  await writeFile(join(directory, 'targets.json'), JSON.stringify({ targets: [target] }));
});

afterEach(async () => {
  await receiver.kill();
  await stub?.close();
  stub = undefined;
  await rm(directory, { recursive: true });
});

async function startReceiver(): Promise<void> {
  receiver = await startReceiverProcess({
    port: 0,
    dataDirectory: join(directory, 'data'),
    targetsFile: join(directory, 'targets.json'),
    allowUnsigned: true,
    leaseSeconds: 1,
    maxAttempts: 20,
  });
}

async function startStub(differs: Partial<ControlStubOptions> = {}): Promise<ControlStub> {
  const { publicKeyPem } = await loadOrCreateKeyPair(join(directory, 'data'));
  stub = await startControlStub({
    socketPath: join(directory, 'app', 'shop.sock'),
    instance: 'shop-1',
    publicKeyPem,
    grantedKind: 'diagnostic-report',
    artifacts: { 'a.json': '{}' },
    ...differs,
  });
  return stub;
}

async function sendAlert(): Promise<string> {
  const alert = buildWebhookAlert({ startsAt: new Date().toISOString() });
  const { status, body } = await post(`${receiver.url}/hooks/alertmanager`, buildWebhook(alert));
  expect(status).toBe(202);
  return (body['captures'] as { captureId: string }[])[0]?.captureId ?? '';
}

async function readCapture(id: string): Promise<Record<string, unknown>> {
  return (await send(`${receiver.url}/api/captures/${id}`)).body;
}

describe('a receiver that is killed', () => {
  it('between the 202 and the capture makes the capture after its restart', async () => {
    await startReceiver();
    const id = await sendAlert();
    await receiver.kill();
    const app = await startStub();
    await startReceiver();
    await receiver.waitFor('capture-ended');
    expect(await readCapture(id)).toMatchObject({ id, state: 'downgraded' });
    expect(app.startedCount).toBe(1);
  });

  it('while the app captures takes up that capture and orders no second', async () => {
    await startReceiver();
    const app = await startStub({ isSlow: true });
    const id = await sendAlert();
    await app.waitFor('read');
    await receiver.kill();
    app.finish();
    await startReceiver();
    await receiver.waitFor('capture-ended');
    expect(await readCapture(id)).toMatchObject({ id, state: 'downgraded', attempts: 2 });
    expect(app.commands.filter(({ action }) => action === 'capture')).toHaveLength(1);
    expect(app.removedIds).toEqual([id]);
  });

  it('before it learns that its command was accepted asks for that capture and orders no second', async () => {
    await startReceiver();
    const app = await startStub({ isFirstAnswerLost: true });
    const id = await sendAlert();
    await app.waitFor('capture');
    await receiver.kill();
    await startReceiver();
    await receiver.waitFor('capture-ended');
    expect(await readCapture(id)).toMatchObject({ id, state: 'downgraded', attempts: 2 });
    expect(app.commands.filter(({ action }) => action === 'capture')).toHaveLength(1);
  });
});
