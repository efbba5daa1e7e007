import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createApps,
  INSTANCE,
  startApp,
  type AppOptions,
  type ControlApp,
} from './testing/control-app.fixture.ts';

const apps = createApps();
const children: ControlApp[] = [];
let snapshots: string;
beforeEach(() => {
  snapshots = mkdtempSync(join(tmpdir(), 'hf-signal-'));
});
afterEach(async () => {
  await apps.end();
  for (const { child, directory } of children.splice(0)) {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
  rmSync(snapshots, { recursive: true, force: true });
});

const environment = (more: Record<string, string> = {}): Record<string, string> => ({
  HEAPFLOOR_CONTROL_SIGNAL: 'SIGUSR2',
  HEAPFLOOR_SNAPSHOT_DIR: snapshots,
  ...more,
});

/** An app that says on stdout when it has started, for what does not listen; SIGUSR2 before that would end it. */
function start({ env = {}, code = '' }: AppOptions): ControlApp {
  const app = startApp({
    code: `${code}; const wait = setInterval(() => {
      if (process.listenerCount('SIGUSR2') > 0) { clearInterval(wait); console.log('listens'); } }, 5);
      setInterval(() => {}, 1000);`,
    env: environment(env),
  });
  children.push(app);
  return app;
}

/** The lines that control wrote, without the app's own. */
function linesOf(app: ControlApp): string[] {
  return app
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('heapfloor: SIGUSR2'));
}

async function signalAndWait(app: ControlApp): Promise<string> {
  const before = linesOf(app).length;
  app.child.kill('SIGUSR2');
  await expect.poll(() => linesOf(app).length, { timeout: 15_000 }).toBe(before + 1);
  return linesOf(app).at(-1) ?? '';
}

/** What heap tools need of it. */
function readSnapshot(name: string): { nodeCount: number; strings: readonly string[] } {
  const { snapshot, strings } = JSON.parse(readFileSync(join(snapshots, name), 'utf8')) as {
    snapshot: { node_count: number };
    strings: string[];
  };
  return { nodeCount: snapshot.node_count, strings };
}

describe('the signal', () => {
  it('writes a snapshot of the app where the environment says, and one line about it', async () => {
    const app = await apps.start({
      env: environment({ HEAPFLOOR_SNAPSHOT_TAG: 'shop' }),
      code: `globalThis.kept = ['a-string-of-the-app']; setInterval(() => {}, 1000)`,
    });
    const line = await signalAndWait(app);
    const [name = '', ...others] = readdirSync(snapshots);
    expect(others).toEqual([]);
    expect(name).toMatch(new RegExp(`^heap-shop-${app.child.pid}-\\d{8}T\\d{6}\\.\\d{3}Z\\.heapsnapshot$`));
    expect(line).toContain(`heapfloor: SIGUSR2: wrote ${join(snapshots, name)}. Heap snapshot allowed`);
    expect(statSync(join(snapshots, name)).mode & 0o777).toBe(0o600);
    const { nodeCount, strings } = readSnapshot(name);
    expect(nodeCount).toBeGreaterThan(10_000);
    expect(strings).toContain('a-string-of-the-app');
    // It is a capture like any other: the same bytes are there to be fetched over HTTP.
    const artifact = readdirSync(join(app.directory, INSTANCE)).find((file) =>
      file.endsWith('.heapsnapshot'),
    );
    expect(
      readFileSync(join(app.directory, INSTANCE, artifact ?? '')).equals(readFileSync(join(snapshots, name))),
    ).toBe(true);
  });

  it('goes through the guards: the second one within the cooldown gets what is allowed, and the time', async () => {
    const app = await apps.start({
      env: environment({
        HEAPFLOOR_CONTROL_KINDS: 'heap-snapshot,diagnostic-report',
        HEAPFLOOR_CONTROL_SNAPSHOT_COOLDOWN_MS: '600000',
      }),
    });
    await signalAndWait(app);
    const line = await signalAndWait(app);
    expect(line).toMatch(
      /wrote \S+\.json\. Heap snapshot refused: cooldown of .* may be tried again at .*Z\. A diagnostic report was allowed instead/,
    );
    const names = readdirSync(snapshots).toSorted();
    expect(names.map((name) => name.replace(/^.*Z\./, ''))).toEqual(['heapsnapshot', 'report.json']);
  });

  it('says why nothing was written where all captures are switched off', async () => {
    const app = await apps.start({ env: environment({ HEAPFLOOR_CONTROL_KILL_SWITCH: snapshots }) });
    expect(await signalAndWait(app)).toMatch(
      /^heapfloor: SIGUSR2: Heap snapshot refused: .*Nothing was captured/,
    );
    expect(readdirSync(snapshots)).toEqual([]);
    expect(app.child.exitCode).toBeNull();
  });

  it('is refused at once while another capture runs', async () => {
    const app = await apps.start({ env: environment() });
    await app.capture({ captureId: 'runs-long', kind: 'heap-profile', profileDurationMs: 60_000 });
    expect(await signalAndWait(app)).toMatch(/Heap snapshot refused: .*runs-long.*Nothing was captured/);
    expect(readdirSync(snapshots)).toEqual([]);
  });

  it('needs neither a key nor an endpoint', async () => {
    const app = start({ env: { HEAPFLOOR_CONTROL_PUBLIC_KEYS: '', HEAPFLOOR_CONTROL_LISTEN: '' } });
    await once(app.child.stdout as NodeJS.ReadableStream, 'data');
    expect(await signalAndWait(app)).toContain('wrote ');
    expect(readdirSync(snapshots)).toHaveLength(1);
    const sockets = readdirSync(app.directory, { recursive: true }).filter((name) =>
      String(name).endsWith('.sock'),
    );
    expect(sockets).toEqual([]);
  });

  it('is left to who listens to it already; the endpoint works all the same', async () => {
    const app = await apps.start({
      env: environment(),
      code: `process.on('SIGUSR2', () => console.error('mine')); setInterval(() => {}, 1000)`,
    });
    await expect
      .poll(app.stderr)
      .toContain('signal: SIGUSR2 has 1 listener(s) already; choose another signal');
    app.child.kill('SIGUSR2');
    await expect.poll(app.stderr).toContain('mine');
    expect(readdirSync(snapshots)).toEqual([]);
    expect((await app.send('/healthz')).status).toBe(200);
  });

  it('without a directory keeps control off, and says which variable is missing', async () => {
    const app = start({ env: { HEAPFLOOR_SNAPSHOT_DIR: '' } });
    await expect
      .poll(app.stderr, { timeout: 10_000 })
      .toMatch(/control stays off: .*signal: set HEAPFLOOR_SNAPSHOT_DIR/s);
  });
});
