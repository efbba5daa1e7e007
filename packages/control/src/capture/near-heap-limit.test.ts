import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCaptureApps } from '../testing/capture-app.fixture.ts';
import { adoptNearLimitSnapshots } from './adopt-near-limit-snapshots.ts';
import type { NearHeapLimitArm } from './near-heap-limit.ts';

const apps = createCaptureApps();
afterEach(apps.end);

describe('the arm near the heap limit', () => {
  it('has V8 write one snapshot before the process dies of its limit, and the next start adopts it', async () => {
    const armedAtMs = Date.now();
    let told = '';
    const child = apps.start({
      flags: ['--max-old-space-size=40', '--max-semi-space-size=1'],
      app: `class Leaked { constructor(n) { this.n = { n }; } }
        globalThis.kept = [];
        globalThis.leak = () => setInterval(() => { for (let i = 0; i < 5000; i++) kept.push(new Leaked(i)); }, 1);
        setInterval(() => {}, 1000);`,
      control: async ({ main, openIsolates, armNearHeapLimit, tell }) => {
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('main is missing');
        const first = await armNearHeapLimit(isolate, 5_000);
        const second = await armNearHeapLimit(isolate, 5_000);
        tell(JSON.stringify([first, second]));
        await isolate.evaluate('void leak()', 5_000);
      },
    });
    child.stdout?.on('data', (text: Buffer) => {
      told += text.toString();
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGABRT' });
    const arms = JSON.parse(told.split('\n', 1)[0] ?? '') as NearHeapLimitArm[];
    expect(arms).toEqual([
      { outcome: 'armed', directory: apps.directory() },
      { outcome: 'already-armed', directory: apps.directory() },
    ]);

    const directory = join(apps.directory(), 'artifacts');
    mkdirSync(directory, { mode: 0o700 });
    const options = {
      sourceDirectory: apps.directory(),
      pid: child.pid ?? 0,
      armedAtMs,
      directory,
      fileNameOf: (ordinal: number) => `near-0001.${ordinal}.heapsnapshot`,
    };
    const { adopted, left } = await adoptNearLimitSnapshots(options);
    expect(left).toEqual([]);
    expect(adopted.map(({ fileName }) => fileName)).toEqual(['near-0001.1.heapsnapshot']);
    const text = readFileSync(join(directory, 'near-0001.1.heapsnapshot'), 'utf8');
    expect(adopted[0]?.sizeBytes).toBe(Buffer.byteLength(text));
    expect((JSON.parse(text) as { strings: string[] }).strings).toContain('Leaked');
    expect(readdirSync(apps.directory()).filter((name) => name.startsWith('Heap.'))).toEqual([]);
    expect((await adoptNearLimitSnapshots(options)).adopted).toEqual([]);
  }, 120_000);

  it.each([
    ['joined', ['--heapsnapshot-near-heap-limit=2', '--diagnostic-dir=/var/dumps'], '/var/dumps'],
    ['in two words', ['--heapsnapshot-near-heap-limit', '1', '--diagnostic-dir', 'dumps'], 'dumps'],
  ])('leaves that of the command line in force, %s', async (_name, flags, expected) => {
    const arm = await apps.run({
      flags,
      control: async ({ main, openIsolates, armNearHeapLimit }) => {
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        return isolates[0] === undefined ? null : armNearHeapLimit(isolates[0], 5_000);
      },
    });
    const directory = expected.startsWith('/') ? expected : join(apps.directory(), expected);
    expect(arm).toEqual({ outcome: 'armed-by-flag', directory });
  });
});
