import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createControlClient, type ControlClient } from './control-client.ts';
import {
  buildManifest,
  startControlStub,
  type ControlStub,
  type ControlStubOptions,
} from './control-stub.fixture.ts';
import { createKeyPair } from './key-pair.ts';

const CAPTURE_ID = 'capture-0001';
const CAPTURE = {
  action: 'capture',
  captureId: CAPTURE_ID,
  kind: 'heap-snapshot',
  alertFingerprint: null,
} as const;
const keys = createKeyPair();
let directory: string;
let stub: ControlStub | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heapfloor-control-'));
});

afterEach(async () => {
  await stub?.close();
  stub = undefined;
  await rm(directory, { recursive: true });
});

async function start(differs: Partial<ControlStubOptions> = {}): Promise<ControlClient> {
  stub = await startControlStub({
    socketPath: join(directory, 'app.sock'),
    instance: 'shop-1',
    publicKeyPem: keys.publicKeyPem,
    ...differs,
  });
  return createControlClient({
    address: stub.address,
    instance: 'shop-1',
    privateKeyPem: keys.privateKeyPem,
  });
}

describe('createControlClient', () => {
  it('signs each request anew for one instance', async () => {
    const client = await start();
    expect((await client.capture(CAPTURE)).verdict.outcome).toBe('allowed');
    expect((await client.read(CAPTURE_ID)).operation?.state).toBe('succeeded');
    expect(stub?.commands.map(({ action }) => action)).toEqual(['capture', 'read']);
    expect(stub?.commands[0]).toMatchObject({ snapshotCount: 1, dryRun: false });
  });

  it('stops a capture, resets a kind, and tells of each look', async () => {
    const client = await start({ isSlow: true });
    await client.capture(CAPTURE);
    const states: unknown[] = [];
    const done = await client.waitUntilDone(CAPTURE_ID, {
      pollIntervalMs: 1,
      onProgress({ operation }) {
        states.push(operation?.state);
        if (states.length === 2) void client.stop(CAPTURE_ID);
      },
    });
    expect(done.operation?.state).toBe('succeeded');
    expect([states[0], states.at(-1)]).toEqual(['running', 'succeeded']);
    await client.reset('heap-snapshot');
    expect(stub?.commands.at(-1)).toEqual({ action: 'reset', kind: 'heap-snapshot' });
    expect(stub?.commands).toContainEqual({ action: 'stop', captureId: CAPTURE_ID });
  });

  it.each([true, false])('checks what comes zipped after unzipping it; spoilt: %s', async (isSpoilt) => {
    const content = 'heap '.repeat(50_000);
    const client = await start({
      artifacts: { 'a.heapsnapshot': content },
      isZipping: true,
      ...(isSpoilt && { spoil: () => Buffer.from(`${content}x`) }),
    });
    const [manifest] = (await client.capture(CAPTURE)).operation?.artifacts ?? [];
    if (manifest === undefined) throw new Error('no artifact');
    const fetched = client
      .downloadArtifact(CAPTURE_ID, manifest, directory)
      .then(async (path) => readFile(path, 'utf8'))
      .catch((error: { code: string }) => error.code);
    expect(await fetched).toBe(isSpoilt ? 'RECEIVER_ARTIFACT_MISMATCH' : content);
  });

  it('is refused with a stranger’s key and says what the app said', async () => {
    const client = await start({ publicKeyPem: createKeyPair().publicKeyPem });
    await expect(client.capture(CAPTURE)).rejects.toMatchObject({
      code: 'RECEIVER_CONTROL_REFUSED',
      message: expect.stringMatching(/401.*CONTROL_TOKEN_REFUSED: no valid token.*clocks/) as string,
    });
  });

  it('is refused when the command is for another instance', async () => {
    const client = await start({ instance: 'shop-2' });
    await expect(client.capture(CAPTURE)).rejects.toMatchObject({ code: 'RECEIVER_CONTROL_REFUSED' });
  });

  it('tells a lost operation from a refused one', async () => {
    const client = await start();
    await expect(client.read('unknown-0001')).rejects.toMatchObject({ code: 'RECEIVER_OPERATION_LOST' });
  });

  it('tells an app that is not there', async () => {
    const client = createControlClient({
      address: `unix:${join(directory, 'none.sock')}`,
      instance: 'shop-1',
      privateKeyPem: keys.privateKeyPem,
    });
    await expect(client.capture(CAPTURE)).rejects.toMatchObject({
      code: 'RECEIVER_CONTROL_UNREACHABLE',
      message: expect.stringContaining('ENOENT') as string,
    });
  });

  it('waits until the operation runs no more', async () => {
    const client = await start({ isSlow: true, artifacts: { 'a.heapsnapshot': 'content' } });
    const started = await client.capture(CAPTURE);
    expect(started.operation?.state).toBe('running');
    const waiting = client.waitUntilDone(CAPTURE_ID, { pollIntervalMs: 5 });
    await stub?.waitFor('read');
    stub?.finish();
    expect((await waiting).operation?.artifacts.map(({ fileName }) => fileName)).toEqual(['a.heapsnapshot']);
  });

  it('stops waiting when it is told to', async () => {
    const client = await start({ isSlow: true });
    await client.capture(CAPTURE);
    const controller = new AbortController();
    const waiting = client.waitUntilDone(CAPTURE_ID, { pollIntervalMs: 5, signal: controller.signal });
    await stub?.waitFor('read');
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('gives up waiting for an app that went away', async () => {
    const client = await start({ isSlow: true });
    await client.capture(CAPTURE);
    await stub?.close();
    stub = undefined;
    await expect(
      client.waitUntilDone(CAPTURE_ID, { pollIntervalMs: 1, unreachableForMs: 20 }),
    ).rejects.toMatchObject({ code: 'RECEIVER_CONTROL_UNREACHABLE' });
  });

  it('reads the health without a token', async () => {
    expect(await (await start()).health()).toEqual({ status: 'ok' });
    expect(stub?.commands).toEqual([]);
  });

  it('does not follow a redirect', async () => {
    const redirecting = createServer((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    }).listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    const { port } = redirecting.address() as AddressInfo;
    const client = createControlClient({
      address: `http://127.0.0.1:${port}`,
      instance: 'shop-1',
      privateKeyPem: keys.privateKeyPem,
    });
    await expect(client.health()).rejects.toMatchObject({
      code: 'RECEIVER_CONTROL_REFUSED',
      message: expect.stringContaining('answered 302') as string,
    });
    redirecting.close();
  });

  it('refuses an address that is not private', () => {
    expect(() =>
      createControlClient({ address: 'http://192.0.2.1', instance: 'i', privateKeyPem: keys.privateKeyPem }),
    ).toThrow(expect.objectContaining({ code: 'RECEIVER_ADDRESS_INVALID' }) as Error);
  });
});

describe('downloadArtifact', () => {
  const content = 'x'.repeat(200_000);
  const artifacts = { 'a.heapsnapshot': content };
  const manifest = buildManifest(Buffer.from(content), {
    fileName: 'a.heapsnapshot',
    kind: 'heap-snapshot',
    captureId: CAPTURE_ID,
    instance: 'shop-1',
  });

  it('stores the file whole, private and with its manifest', async () => {
    const client = await start({ artifacts });
    const path = await client.downloadArtifact(CAPTURE_ID, manifest, join(directory, 'artifacts'));
    const stored = await readFile(path);
    expect(createHash('sha256').update(stored).digest('hex')).toBe(manifest.sha256);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'artifacts'))).mode & 0o777).toBe(0o700);
    expect(JSON.parse(await readFile(`${path}.manifest.json`, 'utf8'))).toEqual(manifest);
  });

  it.each([
    ['shorter', (sent: Buffer) => sent.subarray(1), '199999 of 200000 bytes came'],
    ['longer', (sent: Buffer) => Buffer.concat([sent, sent]), 'more than 200000 bytes came'],
    ['different', (sent: Buffer) => Buffer.from(sent).fill('y', 0, 1), 'sha256 is'],
  ])('throws a %s file away', async (_how, spoil, message) => {
    const client = await start({ artifacts, spoil });
    await expect(client.downloadArtifact(CAPTURE_ID, manifest, directory)).rejects.toMatchObject({
      code: 'RECEIVER_ARTIFACT_MISMATCH',
      message: expect.stringContaining(message) as string,
    });
    expect(await readdir(directory)).toEqual(['app.sock']);
  });

  it('tells a broken connection from a wrong file', async () => {
    const client = await start({ artifacts, spoil: () => 'reset' });
    await expect(client.downloadArtifact(CAPTURE_ID, manifest, directory)).rejects.toMatchObject({
      code: 'RECEIVER_CONTROL_UNREACHABLE',
    });
    expect(await readdir(directory)).toEqual(['app.sock']);
  });

  it('says when the disk does not take it', async () => {
    const client = await start({ artifacts });
    await expect(
      client.downloadArtifact(CAPTURE_ID, manifest, join(directory, 'app.sock')),
    ).rejects.toMatchObject({ code: 'RECEIVER_ARTIFACT_STORE' });
  });
});
