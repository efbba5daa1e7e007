import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApps, INSTANCE, sign, startApp } from './testing/control-app.fixture.ts';

const apps = createApps();
afterEach(apps.end);

const COMMAND = { action: 'capture', kind: 'heap-profile', alertFingerprint: null };
const START = new URL('./start-control.ts', import.meta.url).href;

/** Code of an app that starts control itself. */
const inCode = (body: string): string =>
  `import(${JSON.stringify(START)}).then(async ({ startControl }) => { ${body} });`;

describe('an app with control', () => {
  it('keeps its endpoint and its running capture when a child process inherits its environment', async () => {
    const app = await apps.start();
    await app.capture({ captureId: 'parent-01', kind: 'heap-profile', profileDurationMs: 60_000 });
    const child = startApp({ directory: app.directory, code: 'setTimeout(() => {}, 1500)' });
    const [code] = (await once(child.child, 'exit')) as [number];
    expect(code).toBe(0);
    expect(child.stderr()).toContain(`${INSTANCE} is process ${app.child.pid} already`);
    expect((await app.send('/healthz')).json()['pid']).toBe(app.child.pid);
    const token = await sign({ action: 'read', captureId: 'parent-01' });
    expect((await app.send('/v1/captures/parent-01', { token })).json()).toMatchObject({
      operation: { state: 'running' },
    });
    const token2 = await sign({ action: 'delete', captureId: 'parent-01' });
    const refused = await app.send('/v1/captures/parent-01', { method: 'DELETE', token: token2 });
    expect({ status: refused.status, code: refused.json()['code'] }).toEqual({
      status: 409,
      code: 'CONTROL_CAPTURE_RUNNING',
    });
  });

  it('never loses a file that is no socket to a wrong address', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hf-control-'));
    writeFileSync(join(directory, 'c.sock'), 'precious');
    const app = startApp({ directory, code: 'setTimeout(() => {}, 1500)' });
    await once(app.child, 'exit');
    expect(app.stderr()).toMatch(/c\.sock exists and is no socket/);
    expect(readdirSync(directory)).toContain('c.sock');
    rmSync(directory, { recursive: true });
  });

  it('stays off under --permission without the inspector, where Node would abort', async () => {
    const app = startApp({
      code: 'setTimeout(() => {}, 1500)',
      env: { NODE_OPTIONS: '--permission --allow-fs-read=* --allow-fs-write=* --allow-worker' },
    });
    const [code] = (await once(app.child, 'exit')) as [number];
    expect(app.stderr()).toMatch(/control stays off: .*--allow-inspector/);
    expect(code).toBe(0);
  });

  it('does not fail with its own logger', async () => {
    const app = await apps.start({
      isRegistered: false,
      code: inCode(`await startControl({ enabledKinds: ['diagnostic-report'] }, {
        env: process.env, log() { throw new Error('logger broke'); } });
        setInterval(() => {}, 1000);`),
    });
    expect((await app.send('/nowhere')).status).toBe(404);
    expect((await app.send('/healthz')).status).toBe(200);
    expect(app.child.exitCode).toBeNull();
  });

  it('has one control only, and can stop it and start anew', async () => {
    const app = startApp({
      isRegistered: false,
      code: inCode(`const env = process.env;
        const first = await startControl({}, { env });
        await startControl({}, { env }).catch((error) => console.log(error.code));
        await first.stop();
        const again = await startControl({}, { env });
        console.log(again.address === first.address);`),
    });
    let stdout = '';
    app.child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const [code] = (await once(app.child, 'close')) as [number];
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'CONTROL_ALREADY_STARTED\ntrue\n' });
  });

  it('goes on with one line on stderr when the control thread dies', async () => {
    const app = startApp({
      isRegistered: false,
      code: `const threads = require('node:worker_threads');
        let worker;
        threads.Worker = class extends threads.Worker { constructor(...a) { super(...a); worker = this; } };
        require('node:module').syncBuiltinESMExports();
        ${inCode(`await startControl({ enabledKinds: ['heap-profile'] }, { env: process.env });
          worker.emit('error', new Error('out of memory'));
          setTimeout(() => process.exit(7), 200);`)}`,
    });
    const [code] = (await once(app.child, 'close')) as [number];
    expect(code).toBe(7);
    expect(app.stderr()).toBe(
      'heapfloor: CONTROL_THREAD_DIED: out of memory; control is off, the app goes on\n',
    );
  });

  it('ends at once in the middle of a capture, also under --inspect', async () => {
    const app = await apps.start({
      code: `require('node:inspector').open(0, '127.0.0.1');
        process.on('SIGUSR2', () => process.exit(3)); setInterval(() => {}, 1000)`,
    });
    await app.capture({ captureId: 'exits-002', kind: 'heap-profile', profileDurationMs: 60_000 });
    app.child.kill('SIGUSR2');
    const [code] = (await once(app.child, 'exit')) as [number];
    expect(code).toBe(3);
  });

  it('goes on when the artifact directory is lost in a capture, and so does its endpoint', async () => {
    const app = await apps.start();
    await app.capture({ captureId: 'lost-0001', kind: 'heap-profile', profileDurationMs: 1000 });
    // What is being written while it is removed could stay.
    const file = join(app.directory, INSTANCE, 'lost-0001.1.heapprofile.tmp');
    await expect.poll(() => existsSync(file), { timeout: 10_000 }).toBe(true);
    const endsAtMs = Date.now() + 2000;
    rmSync(join(app.directory, INSTANCE), { recursive: true });
    // Longer than the profile: a thread that died of its failed end would not answer any more.
    await expect
      .poll(
        async () => {
          const answer = await app.send('/v1/captures', {
            method: 'POST',
            token: await sign({ ...COMMAND, captureId: `lost-${Date.now()}`, dryRun: true }),
          });
          const { verdict } = answer.json() as { verdict?: { explanation: string } };
          return Date.now() < endsAtMs ? 'running' : verdict?.explanation;
        },
        { timeout: 10_000 },
      )
      .toMatch(/refused: .*ENOENT/);
    expect((await app.send('/healthz')).status).toBe(200);
    expect(app.child.exitCode).toBeNull();
  });
});

describe('the endpoint on TCP', () => {
  it.each([
    ['a foreign Host, as DNS rebinding sends it', { host: 'evil.example' }],
    ['any Origin, as a web page sends it', { origin: 'http://127.0.0.1' }],
  ])('refuses %s', async (_name, headers) => {
    const app = startApp({
      isRegistered: false,
      code: inCode(`const control = await startControl({ enabledKinds: ['heap-profile'], listen: 'http://127.0.0.1:0' }, { env: process.env });
        console.log(control.address); setInterval(() => {}, 1000);`),
    });
    const [line] = (await once(app.child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const address = line.toString().trim();
    expect(await get(`${address}/healthz`, {})).toEqual([200, undefined]);
    expect(await get(`${address}/healthz`, headers)).toEqual([403, 'CONTROL_ORIGIN_FORBIDDEN']);
    app.child.kill('SIGKILL');
    rmSync(app.directory, { recursive: true });
  });
});

async function get(url: string, headers: Record<string, string>): Promise<[number, string | undefined]> {
  const outgoing = request(url, { headers, agent: false });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as { code?: string };
  return [response.statusCode ?? 0, body.code];
}
