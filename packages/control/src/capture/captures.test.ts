import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApps, INSTANCE, sign, startApp, type ControlApp } from '../testing/control-app.fixture.ts';

const apps = createApps();
afterEach(apps.end);

interface SnapshotJson {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[] };
    readonly node_count: number;
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

async function download(app: ControlApp, captureId: string, fileName: string): Promise<Buffer> {
  const token = await sign({ action: 'read', captureId });
  const answer = await app.send(`/v1/captures/${captureId}/artifacts/${fileName}`, { token });
  expect(answer.status).toBe(200);
  return answer.body;
}

const KEEP_OBJECTS = `
  class Kept { constructor(n) { this.n = { n }; } }
  globalThis.kept = Array.from({ length: 2000 }, (_, n) => new Kept(n));
  setInterval(() => { for (let i = 0; i < 20000; i++) ({ i }); }, 5);`;

function idsOf(name: string, json: SnapshotJson): number[] {
  const fields = json.snapshot.meta.node_fields;
  const wanted = json.strings.indexOf(name);
  const ids: number[] = [];
  for (let at = 0; at < json.nodes.length; at += fields.length) {
    if (json.nodes[at + fields.indexOf('name')] === wanted && json.nodes[at + fields.indexOf('type')] === 3) {
      ids.push(json.nodes[at + fields.indexOf('id')] ?? 0);
    }
  }
  return ids;
}

describe('captures', () => {
  it('take two snapshots whose object ids agree, although health was asked for in between', async () => {
    const app = await apps.start({ code: KEEP_OBJECTS });
    await app.capture({ captureId: 'pair-0001', snapshotCount: 2, snapshotGapMs: 1500 });
    let health = 0;
    const asking = setInterval(() => {
      void app.send('/healthz').then(() => (health += 1));
    }, 200);
    const { operation } = await app.untilDone('pair-0001');
    clearInterval(asking);
    expect(operation).toMatchObject({ state: 'succeeded', kind: 'heap-snapshot', error: null });
    expect(health).toBeGreaterThan(2);
    const files = operation?.artifacts ?? [];
    expect(files.map((file) => file.fileName)).toEqual([
      'pair-0001.1.heapsnapshot',
      'pair-0001.2.heapsnapshot',
    ]);
    const ids: Set<number>[] = [];
    for (const { fileName, sha256, sizeBytes, stallMs } of files) {
      const bytes = await download(app, 'pair-0001', fileName);
      expect(bytes.length).toBe(sizeBytes);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      expect(stallMs).toBeGreaterThan(0);
      ids.push(new Set(idsOf('Kept', JSON.parse(bytes.toString()) as SnapshotJson)));
    }
    expect(ids[0]?.size).toBeGreaterThanOrEqual(2000);
    expect(ids[1]).toEqual(ids[0]);
  });

  it('take a heap sampling profile and a report without environment or argument values', async () => {
    const app = await apps.start({
      code: `globalThis.s = []; setInterval(function leaks() { s.push(new Array(10000).fill(0.5)); }, 5)`,
      env: { SECRET_TOKEN: 'hunter2-in-env' },
    });
    await app.capture({ captureId: 'profile-1', kind: 'heap-profile', profileDurationMs: 1000 });
    const profiled = await app.untilDone('profile-1');
    const profile = await download(app, 'profile-1', 'profile-1.1.heapprofile');
    expect(profiled.operation?.state).toBe('succeeded');
    expect(profile.toString()).toContain('"functionName":"leaks"');

    await app.capture({ captureId: 'report-01', kind: 'diagnostic-report' });
    await app.untilDone('report-01');
    const report = (await download(app, 'report-01', 'report-01.1.report.json')).toString();
    expect((JSON.parse(report) as { header: { event: string } }).header.event).toBe('JavaScript API');
    expect(report).not.toContain('hunter2-in-env');
    expect(report).not.toContain('new Array(10000)');
  });

  it('write files that only their owner can read, and delete them on command', async () => {
    const app = await apps.start();
    await app.capture({ captureId: 'private-1', kind: 'diagnostic-report' });
    await app.untilDone('private-1');
    const folder = join(app.directory, INSTANCE);
    const names = readdirSync(folder).filter((name) => name.startsWith('private-1'));
    expect(names.toSorted()).toEqual([
      'private-1.1.report.json',
      'private-1.1.report.json.manifest.json',
      'private-1.operation.json',
    ]);
    for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);

    const token = await sign({ action: 'delete', captureId: 'private-1' });
    expect((await app.send('/v1/captures/private-1', { method: 'DELETE', token })).status).toBe(204);
    expect(readdirSync(folder).filter((name) => name.startsWith('private-1'))).toEqual([
      'private-1.operation.json',
    ]);
  });

  it('answer a repeated command with the operation of the first, also after the app has started anew', async () => {
    const app = await apps.start();
    await app.capture({ captureId: 'repeat-01', kind: 'diagnostic-report' });
    const done = await app.untilDone('repeat-01');
    expect(await app.capture({ captureId: 'repeat-01', kind: 'diagnostic-report' })).toEqual(done);
    app.child.kill('SIGKILL');
    await once(app.child, 'exit');
    const again = await apps.start({ directory: app.directory });
    expect(await again.capture({ captureId: 'repeat-01', kind: 'diagnostic-report' })).toEqual(done);
  });

  it('tell that an operation was interrupted when the app died in it, and leave no half file', async () => {
    const app = await apps.start();
    await app.capture({ captureId: 'dies-0001', kind: 'heap-profile', profileDurationMs: 60_000 });
    app.child.kill('SIGKILL');
    await once(app.child, 'exit');
    const again = await apps.start({ directory: app.directory });
    const { operation } = await again.untilDone('dies-0001');
    expect(operation).toMatchObject({ state: 'failed', error: { code: 'CONTROL_CAPTURE_INTERRUPTED' } });
    const files = readdirSync(join(app.directory, INSTANCE)).filter((name) => name.startsWith('dies-0001'));
    expect(files).toEqual(['dies-0001.operation.json']);
  });

  it('give a profile instead of a snapshot while the main thread is stuck in a loop', async () => {
    const code = `setTimeout(() => { process.getBuiltinModule('fs').writeSync(2, 'stuck'); for (;;) ({}); }, 1500)`;
    const app = await apps.start({ code });
    await expect.poll(() => app.stderr(), { timeout: 10_000 }).toContain('stuck');
    await expect
      .poll(async () => (await app.send('/healthz')).json()['mainThread'], { timeout: 10_000 })
      .toEqual({ responsive: false, eventLoopDelayMs: null });
    const { verdict } = await app.capture({ captureId: 'stuck-001', profileDurationMs: 1000 });
    expect(verdict).toMatchObject({ outcome: 'downgraded', grantedKind: 'heap-profile' });
    expect(verdict.explanation).toMatch(/main loop is (?:9\d|100)\.\d\S*% busy/);
    const { operation } = await app.untilDone('stuck-001');
    expect(operation?.artifacts.map(({ stallMs }) => stallMs)).toEqual([null]);
    expect(operation?.state).toBe('succeeded');
  });

  it('cannot be had of a worker that is not there, and cost no attempt', async () => {
    const app = await apps.start();
    const token = await sign({
      action: 'capture',
      captureId: 'nobody-01',
      kind: 'heap-profile',
      alertFingerprint: null,
      isolate: 'worker-99',
    });
    const answer = await app.send('/v1/captures', { method: 'POST', token });
    expect([answer.status, answer.json()['code']]).toEqual([404, 'CONTROL_ISOLATE_UNKNOWN']);
    expect(answer.json()['detail']).toContain('the process has no worker-99');
  });

  it('do nothing on a dry run, not even a cooldown', async () => {
    const app = await apps.start({ env: { HEAPFLOOR_CONTROL_REPORT_COOLDOWN_MS: '60000' } });
    const dry = await app.capture({ captureId: 'dry-00001', kind: 'diagnostic-report', dryRun: true });
    expect(dry).toMatchObject({ verdict: { outcome: 'allowed', dryRun: true }, operation: null });
    const first = await app.capture({ captureId: 'wet-00001', kind: 'diagnostic-report' });
    expect(first.verdict.outcome).toBe('allowed');
    await app.untilDone('wet-00001');
    const second = await app.capture({ captureId: 'wet-00002', kind: 'diagnostic-report' });
    expect(second.verdict).toMatchObject({ outcome: 'downgraded', grantedKind: 'metrics-summary' });
  });
});

describe('a heap profile', () => {
  it('leaves the sampler alone that the app runs itself', async () => {
    const app = await apps.start({
      code: `const { Session } = require('node:inspector'); globalThis.own = new Session(); own.connect();
        own.post('HeapProfiler.startSampling', {}); setInterval(() => {}, 1000);
        process.on('SIGUSR2', () => own.post('HeapProfiler.stopSampling', (error) => process.exit(error ? 1 : 0)));`,
    });
    await app.capture({ captureId: 'sampler-1', kind: 'heap-profile', profileDurationMs: 1000 });
    const { operation } = await app.untilDone('sampler-1');
    expect(operation).toMatchObject({ state: 'failed', error: { code: 'CONTROL_CAPTURE_FAILED' } });
    expect(operation?.error?.message).toContain('samples its heap itself');
    app.child.kill('SIGUSR2');
    const [code] = (await once(app.child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});

describe('a command', () => {
  it('that is older than the endpoint is not taken: its nonce may have been used before a restart', async () => {
    const app = await apps.start();
    const issuedAtSeconds = Math.floor(Date.now() / 1000) - 30;
    const token = await sign({ action: 'read', captureId: 'replay-01' }, { issuedAtSeconds });
    const answer = await app.send('/v1/captures/replay-01', { token });
    expect({ status: answer.status, code: answer.json()['code'] }).toEqual({
      status: 401,
      code: 'CONTROL_COMMAND_EXPIRED',
    });
    await expect.poll(() => app.stderr()).toContain('CONTROL_COMMAND_EXPIRED');
  });
});

describe('an app with control', () => {
  it('may stop it more than once, and after its end', async () => {
    const start = JSON.stringify(new URL('../start-control.ts', import.meta.url).href);
    const app = startApp({
      code: `import(${start}).then(async ({ startControl }) => {
        const control = await startControl({}, { env: process.env });
        await control.stop(); await control.stop(); process.exitCode = 7;
      })`,
      isRegistered: false,
    });
    const [code] = (await once(app.child, 'exit')) as [number];
    expect({ code, stderr: app.stderr() }).toEqual({ code: 7, stderr: '' });
  });

  it('ends by itself when it has nothing more to do', async () => {
    const app = startApp({ code: 'setTimeout(() => {}, 500)' });
    const [code] = (await once(app.child, 'exit')) as [number];
    expect({ code, stderr: app.stderr() }).toEqual({ code: 0, stderr: '' });
  });

  it('can end while a capture runs', async () => {
    const app = await apps.start({
      code: 'process.on("SIGUSR2", () => process.exit(3)); setInterval(() => {}, 1000)',
    });
    await app.capture({ captureId: 'exits-001', kind: 'heap-profile', profileDurationMs: 60_000 });
    app.child.kill('SIGUSR2');
    const [code] = (await once(app.child, 'exit')) as [number];
    expect(code).toBe(3);
  });

  it('keeps its default answer to SIGTERM', async () => {
    const app = await apps.start();
    app.child.kill('SIGTERM');
    const [, signal] = (await once(app.child, 'exit')) as [null, string];
    expect(signal).toBe('SIGTERM');
  });
});
