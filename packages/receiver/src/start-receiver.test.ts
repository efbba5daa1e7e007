import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureRecord, OptionsError } from '@heapfloor/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControlStub } from './control/control-stub.fixture.ts';
import { post, send } from './http/test-app.fixture.ts';
import { buildExport } from './instances/otlp.fixture.ts';
import type { LogEntry } from './log.ts';
import type { ReceiverOptionsInput } from './options.ts';
import { startReceiver, type RunningReceiver } from './start-receiver.ts';

let directory: string;
let logs: LogEntry[];
let onLog: ((entry: LogEntry) => void)[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heapfloor-receiver-'));
  logs = [];
  onLog = [];
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function start(options: ReceiverOptionsInput = {}, env = {}): Promise<RunningReceiver> {
  return startReceiver(
    { port: 0, dataDirectory: join(directory, 'data'), ...options },
    {
      env,
      log(entry) {
        logs.push(entry);
        for (const listener of onLog) listener(entry);
      },
    },
  );
}

async function waitFor(event: string): Promise<void> {
  if (logs.some((entry) => entry.event === event)) return;
  await new Promise<void>((resolve) => onLog.push((entry) => entry.event === event && resolve()));
}

async function problemsOf(options: ReceiverOptionsInput, env = {}): Promise<readonly string[]> {
  const error: unknown = await start(options, env).catch((thrown: unknown) => thrown);
  return error instanceof OptionsError ? error.problems : [];
}

describe('startReceiver', () => {
  it('creates its directory and keys, private, and stops twice without harm', async () => {
    const receiver = await start();
    const data = join(directory, 'data');
    const modes = await Promise.all(
      ['.', 'artifacts', 'jobs.sqlite', 'jobs.sqlite-wal', 'control-key.pem'].map(
        async (name) => (await stat(join(data, name))).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600, 0o600]);
    expect(receiver.publicKeyFile).toBe(join(data, 'control-public-key.pem'));
    expect(await readFile(receiver.publicKeyFile, 'utf8')).toContain('BEGIN PUBLIC KEY');
    expect((await send(`${receiver.url}/readyz`)).status).toBe(200);
    await Promise.all([receiver.close(), receiver.close()]);
    await expect(fetch(receiver.url)).rejects.toThrow('fetch failed');
    expect(logs.map(({ event }) => event)).toEqual(['listening', 'stopped']);
  });

  it('refuses to be reachable without knowing whom, with every problem at once', async () => {
    const targetsFile = join(directory, 'targets.yaml');
    await writeFile(targetsFile, 'targets: [{ instance: a, address: "http://8.8.8.8" }]');
    await writeFile(join(directory, 'empty'), '\n');
    const problems = await problemsOf({
      host: '0.0.0.0',
      targetsFile,
      allowUnsigned: true,
      alertmanagerBearerTokenFile: join(directory, 'empty'),
      grafanaHmacSecretFile: join(directory, 'none'),
    });
    expect(problems).toEqual([
      expect.stringContaining('allowUnsigned: only on loopback'),
      expect.stringContaining('readTokenFile: is needed'),
      expect.stringContaining('otlpTokenFile: is needed, or evaluateRule false'),
      expect.stringContaining('empty is empty'),
      expect.stringContaining('none cannot be read (ENOENT)'),
      expect.stringContaining('no loopback or private address'),
    ]);
    expect(await readdir(directory)).not.toContain('data');
  });

  it('names the credentials that another address needs', async () => {
    expect(await problemsOf({ host: '192.168.0.1', evaluateRule: false })).toEqual([
      expect.stringContaining('readTokenFile'),
      expect.stringContaining(
        'alertmanagerBearerTokenFile, alertmanagerBasicAuthFile or grafanaHmacSecretFile',
      ),
    ]);
  });

  it('reads the environment, and tells a misspelt variable', async () => {
    const env = { HEAPFLOOR_RECEIVER_PORT: 'x', HEAPFLOOR_RECEIVER_PROT: '1' };
    const problems = await problemsOf({ port: undefined }, env);
    expect(problems).toEqual([
      expect.stringContaining('HEAPFLOOR_RECEIVER_PROT: no such variable'),
      expect.stringContaining('HEAPFLOOR_RECEIVER_PORT: '),
    ]);
  });

  it('answers what is not even HTTP with a problem and logs it', async () => {
    const { url } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('hello\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 .*"RECEIVER_REQUEST_MALFORMED"/s);
  });

  it('says when the port is taken', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    await expect(start({ port })).rejects.toMatchObject({
      code: 'RECEIVER_LISTEN',
      message: expect.stringContaining('EADDRINUSE') as string,
    });
    await first.close();
  });

  it('goes from metrics to an explained leak', async () => {
    const receiver = await startWithTarget();
    const snapshots = await takeSnapshots();
    const stub = await startControlStub({
      socketPath: join(directory, 'shop.sock'),
      instance: 'shop-1',
      publicKeyPem: await readFile(receiver.publicKeyFile, 'utf8'),
      artifacts: snapshots,
    });
    const { status } = await post(`${receiver.url}/v1/metrics`, buildExport());
    await waitFor('capture-ended');
    const { body } = await send(`${receiver.url}/api/captures`);
    const record = captureRecord.parse((body['captures'] as unknown[])[0]);
    const page = await send(`${receiver.url}/captures/${record.id}`);
    await receiver.close();
    await stub.close();
    expect(status).toBe(200);
    expect(record).toMatchObject({ state: 'succeeded', error: null, alert: { source: 'embedded' } });
    expect(record.report?.suspect).toMatchObject({ constructor: 'Session' });
    expect(record.floorSamples).toHaveLength(1);
    expect(page.text).toContain('Session');
  });
});

async function startWithTarget(): Promise<RunningReceiver> {
  const targetsFile = join(directory, 'targets.json');
  const target = { instance: 'shop-1', service: 'shop', address: `unix:${join(directory, 'shop.sock')}` };
  await writeFile(targetsFile, JSON.stringify({ targets: [target] }));
  return start({ targetsFile, allowUnsigned: true });
}

/** Two snapshots of a small process that leaks sessions in between. */
async function takeSnapshots(): Promise<Record<string, Buffer>> {
  const script = `
    const v8 = require('node:v8');
    class Session { constructor(id) { this.id = id; this.basket = [id, id, id]; } }
    const sessions = (globalThis.sessions = new Map());
    v8.writeHeapSnapshot('first.heapsnapshot');
    for (let id = 0; id < 20000; id += 1) sessions.set(id, new Session(id));
    v8.writeHeapSnapshot('second.heapsnapshot');`;
  const { status } = spawnSync(process.execPath, ['-e', script], { cwd: directory });
  expect(status).toBe(0);
  const [first, second] = await Promise.all(
    ['first', 'second'].map(async (name) => readFile(join(directory, `${name}.heapsnapshot`))),
  );
  return { 'a.heapsnapshot': first ?? Buffer.alloc(0), 'b.heapsnapshot': second ?? Buffer.alloc(0) };
}
