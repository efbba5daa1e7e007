import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import type { CaptureResponse } from '@heapfloor/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { createApps, INSTANCE, sign, type ControlApp } from './testing/control-app.fixture.ts';
import { until } from './testing/until.fixture.ts';

const apps = createApps();
afterAll(apps.end);

/** Children get the flags of the primary, `--import` too, and its environment; not its `--eval`. */
const CLUSTER = `const cluster = require('node:cluster');
  if (cluster.isPrimary) {
    cluster.setupPrimary({ exec: SERVICE, execArgv: process.execArgv.slice(0, process.execArgv.indexOf('--eval')) });
    for (let id = 1; id <= 2; id += 1) cluster.fork();
    cluster.on('listening', (worker) => console.log('up ' + worker.id + ' ' + worker.process.pid));
  }`;

interface ClusterChild {
  readonly id: number;
  readonly pid: number;
  readonly instance: string;
  readonly socketPath: string;
}

async function startCluster(): Promise<{ primary: ControlApp; children: readonly ClusterChild[] }> {
  const service = new URL('./testing/cluster-service.fixture.ts', import.meta.url).pathname;
  const primary = await apps.start({ code: CLUSTER.replace('SERVICE', JSON.stringify(service)) });
  const children: ClusterChild[] = [];
  for await (const line of createInterface({ input: primary.child.stdout as NodeJS.ReadableStream })) {
    const [, id = 0, pid = 0] = (/^up (\d+) (\d+)$/.exec(line) ?? []).map(Number);
    const instance = `${INSTANCE}-cluster-${id}`;
    children.push({ id, pid, instance, socketPath: join(primary.directory, instance, 'control.sock') });
    if (children.length === 2) break;
  }
  for (const { socketPath } of children) await until(() => existsSync(socketPath), Boolean);
  return { primary, children: children.toSorted((a, b) => a.id - b.id) };
}

async function ask(
  socketPath: string,
  method: string,
  path: string,
  token: string,
): Promise<CaptureResponse> {
  const outgoing = request({
    socketPath,
    method,
    path,
    agent: false,
    headers: { authorization: `Bearer ${token}` },
  });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
  return (await json(response)) as CaptureResponse;
}

/** As a receiver does that knows the child's instance. */
async function captureChild(
  { instance, socketPath, id }: ClusterChild,
  captureId = `child-no-${id}`,
): Promise<CaptureResponse['operation']> {
  const command = { action: 'capture', kind: 'heap-snapshot', alertFingerprint: null, captureId };
  await ask(socketPath, 'POST', '/v1/captures', await sign(command, { audience: instance }));
  for (;;) {
    const token = await sign({ action: 'read', captureId }, { audience: instance });
    const { operation } = await ask(socketPath, 'GET', `/v1/captures/${captureId}`, token);
    if (operation?.state !== 'running') return operation;
  }
}

describe.concurrent('a cluster whose children inherit the environment', () => {
  it('has a control in each process, and each captures its own', async () => {
    const { primary, children } = await startCluster();
    expect(children.map(({ id }) => id)).toEqual([1, 2]);
    expect(primary.stderr()).not.toContain('control stays off');
    const operations = await Promise.all(children.map(async (child) => captureChild(child)));
    for (const [index, operation] of operations.entries()) {
      const child = children[index];
      expect(operation).toMatchObject({
        state: 'succeeded',
        artifacts: [{ kind: 'heap-snapshot', instance: child?.instance, pid: child?.pid, isolate: 'main' }],
      });
    }
    await primary.capture({ captureId: 'the-primary', kind: 'heap-snapshot' });
    const { operation } = await primary.untilDone('the-primary');
    expect(operation?.artifacts[0]).toMatchObject({ instance: INSTANCE, pid: primary.child.pid });
  });

  it('is listed by its primary to who asks for all, with the address of each child that lives', async () => {
    const { primary, children } = await startCluster();
    const listed = children.map(({ instance, socketPath }) => ({ instance, address: `unix:${socketPath}` }));
    const askAll = async (captureId: string): Promise<CaptureResponse> =>
      primary.capture({ captureId, kind: 'heap-snapshot', isolate: 'all', dryRun: true });
    expect((await askAll('list-all-1')).children).toEqual(listed);
    process.kill(children[0]?.pid ?? 0, 'SIGKILL');
    let count = 1;
    const left = await until(
      async () => (await askAll(`list-all-${(count += 1)}`)).children ?? [],
      ({ length }) => length < 2,
    );
    expect(left).toEqual(listed.slice(1));
  });

  it('takes no command for one child as one for another', async () => {
    const { children } = await startCluster();
    const [first, second] = children;
    const command = {
      action: 'capture',
      kind: 'heap-snapshot',
      alertFingerprint: null,
      captureId: 'wrong-child',
    };
    const token = await sign(command, { audience: second?.instance ?? '' });
    expect(await ask(first?.socketPath ?? '', 'POST', '/v1/captures', token)).toMatchObject({
      code: 'CONTROL_AUDIENCE_WRONG',
    });
  });
});

describe.concurrent('an app with workers', () => {
  const WORKERS = `const { Worker } = require('node:worker_threads');
    const body = "const kept = Array.from({ length: 1000 }, (_, id) => ({ id })); setInterval(() => kept.length, 1000)";
    let count = 0;
    for (const name of ['pdf', 'mail']) {
      new Worker(body, { eval: true, name }).on('online', () => { count += 1; if (count === 2) console.log('online'); });
    }`;

  it('is captured with all of them, and the answer says which', async () => {
    const app = await apps.start({ code: WORKERS });
    await app.capture({ captureId: 'all-of-them', kind: 'heap-snapshot', isolate: 'all' });
    const { operation } = await app.untilDone('all-of-them');
    expect(operation).toMatchObject({ state: 'succeeded', error: null });
    expect(
      operation?.isolates.map(({ isolate, isCovered }) => [isolate.replace(/\d+/, 'N'), isCovered]),
    ).toEqual([
      ['main', true],
      ['worker-N', true],
      ['worker-N', true],
    ]);
    expect(operation?.isolates.map(({ name }) => name)).toEqual(['', 'pdf', 'mail']);
    expect(operation?.artifacts.map(({ isolate }) => isolate)).toEqual(
      operation?.isolates.map(({ isolate }) => isolate),
    );
    expect(new Set(operation?.artifacts.map(({ sha256 }) => sha256)).size).toBe(3);
  });

  it('can be asked for one of them alone; the others are listed as not asked for', async () => {
    const app = await apps.start({ code: WORKERS });
    await app.capture({ captureId: 'all-first', kind: 'heap-snapshot', isolate: 'all' });
    const all = await app.untilDone('all-first');
    const wanted = all.operation?.isolates.at(-1)?.isolate ?? '';
    await app.capture({ captureId: 'only-mail', kind: 'heap-snapshot', isolate: wanted });
    const { operation } = await app.untilDone('only-mail');
    expect(operation?.artifacts.map(({ isolate, stallMs }) => ({ isolate, stallMs }))).toEqual([
      { isolate: wanted, stallMs: null },
    ]);
    expect(operation?.isolates.filter(({ isCovered }) => !isCovered).map(({ reason }) => reason)).toEqual([
      null,
      null,
    ]);
  });
});
