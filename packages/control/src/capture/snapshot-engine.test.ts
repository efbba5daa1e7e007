import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCaptureApps } from '../testing/capture-app.fixture.ts';

const apps = createCaptureApps();
afterEach(apps.end);

interface SnapshotJson {
  readonly snapshot: { readonly node_count: number };
  readonly strings: readonly string[];
}

function readSnapshot(name: string): SnapshotJson {
  return JSON.parse(readFileSync(join(apps.directory(), name), 'utf8')) as SnapshotJson;
}

describe('a heap snapshot in process', () => {
  it('is that of the isolate that was asked for, whole, 0600 and hashed', async () => {
    const written = await apps.run({
      app: `class OnlyInMain {} globalThis.kept = new OnlyInMain();
        const worker = new (require('node:worker_threads').Worker)(
          'class OnlyInWorker {} globalThis.kept = new OnlyInWorker(); setInterval(() => {}, 1000)', { eval: true });
        worker.once('online', () => startControl());`,
      control: async ({ main, directory, openIsolates, inProcessEngine, ReservedFile }) => {
        const opened = await openIsolates(main, { wanted: 'all' });
        const files: Record<string, object> = {};
        for (const isolate of opened.isolates) {
          const file = new ReservedFile(directory, `${isolate.isolate}.heapsnapshot`);
          await inProcessEngine.take({ isolate, path: file.temporaryPath, timeoutMs: 30_000 });
          files[isolate.isolate] = await file.finish();
        }
        await opened.close();
        return files;
      },
    });
    expect(Object.keys(written)).toEqual(['main', 'worker-1']);
    for (const [isolate, file] of Object.entries(written)) {
      const path = join(apps.directory(), `${isolate}.heapsnapshot`);
      const bytes = readFileSync(path);
      expect(file).toEqual({
        sizeBytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    const classes = ['OnlyInMain', 'OnlyInWorker'];
    const found = ['main', 'worker-1'].map((isolate) => {
      const { strings } = readSnapshot(`${isolate}.heapsnapshot`);
      return classes.filter((name) => strings.includes(name));
    });
    expect(found).toEqual([['OnlyInMain'], ['OnlyInWorker']]);
  });

  it('is taken of a main thread in an endless loop', async () => {
    await apps.run({
      app: `class Held {} globalThis.held = new Held(); setTimeout(() => { require('node:fs').writeFileSync('looping', ''); for (;;) ({}); }, 500);`,
      control: async ({
        main,
        directory,
        delay,
        fileExists,
        openIsolates,
        inProcessEngine,
        ReservedFile,
      }) => {
        while (!fileExists('looping')) await delay(20);
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('main is missing');
        const file = new ReservedFile(directory, 'loop.heapsnapshot');
        await inProcessEngine.take({ isolate, path: file.temporaryPath, timeoutMs: 30_000 });
        await file.finish();
      },
    });
    expect(readSnapshot('loop.heapsnapshot').strings).toContain('Held');
  });

  it('says so where the app may not write there', async () => {
    const result = apps.run({
      control: async ({ main, openIsolates, inProcessEngine }) => {
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('main is missing');
        await inProcessEngine.take({ isolate, path: '/proc/no-such/x.heapsnapshot', timeoutMs: 10_000 });
      },
    });
    await expect(result).rejects.toThrow(/^main wrote no heap snapshot: .*ENOENT/);
  });

  it('says so where the process has lost getBuiltinModule', async () => {
    const result = apps.run({
      app: 'delete process.getBuiltinModule; setInterval(() => {}, 1000)',
      control: async ({ main, directory, openIsolates, inProcessEngine }) => {
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('main is missing');
        await inProcessEngine.take({ isolate, path: `${directory}/x`, timeoutMs: 10_000 });
      },
    });
    await expect(result).rejects.toThrow(
      'main wrote no heap snapshot: Error: process.getBuiltinModule is not there',
    );
  });

  // Node 22 has no --allow-inspector: there the permission model leaves no way to the main thread at all.
  const allowFlags = ['--allow-inspector'].filter((flag) => process.allowedNodeEnvironmentFlags.has(flag));
  it.each(allowFlags)('says so where the permission model forbids the file, with %s', async (allowFlag) => {
    const result = apps.run({
      flags: ['--permission', '--allow-fs-read=*', '--allow-worker', allowFlag],
      control: async ({ main, directory, openIsolates, inProcessEngine }) => {
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('main is missing');
        await inProcessEngine.take({ isolate, path: `${directory}/x`, timeoutMs: 10_000 });
      },
    });
    await expect(result).rejects.toThrow(/^main wrote no heap snapshot: .*--allow-fs-write/);
  });

  it('is not taken later, when a main thread that was stuck in native code comes back', async () => {
    const result = await apps.run({
      app: `globalThis.stick = () => require('node:child_process').execFileSync('sh', ['-c', 'touch stuck; sleep 2']);
        setInterval(() => {}, 1000);`,
      control: async ({ main, directory, delay, fileExists, openIsolates, inProcessEngine }) => {
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('main is missing');
        await isolate.evaluate('void setTimeout(stick)', 5_000);
        while (!fileExists('stuck')) await delay(20);
        const path = `${directory}/late.heapsnapshot`;
        const failure = await inProcessEngine
          .take({ isolate, path, timeoutMs: 500 })
          .then(String, (error: Error) => error.message);
        await isolate.evaluate('1', 10_000); // it is back, and has had all that was sent before
        return { failure, isThere: fileExists('late.heapsnapshot') };
      },
    });
    expect(result).toEqual({
      failure: 'main wrote no heap snapshot: the main thread did not answer Runtime.evaluate within 500 ms',
      isThere: false,
    });
  });
});
