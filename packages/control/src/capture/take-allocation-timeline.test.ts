import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCaptureApps } from '../testing/capture-app.fixture.ts';

const apps = createCaptureApps();
afterEach(apps.end);

interface Timeline {
  readonly snapshot: {
    readonly meta: { readonly trace_function_info_fields: readonly string[] };
    readonly node_count: number;
  };
  readonly trace_function_infos: readonly number[];
  readonly trace_tree: readonly unknown[];
  readonly strings: readonly string[];
}

/** Functions that V8 saw allocating, by the fields that the file itself names. */
function allocatorsOf(isolate: string): string[] {
  const path = join(apps.directory(), `${isolate}.heaptimeline`);
  const {
    snapshot,
    trace_function_infos: infos,
    strings,
  } = JSON.parse(readFileSync(path, 'utf8')) as Timeline;
  const fields = snapshot.meta.trace_function_info_fields;
  const names: string[] = [];
  for (let at = fields.indexOf('name'); at < infos.length; at += fields.length)
    names.push(strings[infos[at] ?? 0] ?? '');
  return names;
}

const ALLOCATE = (name: string): string =>
  `globalThis.kept = []; setInterval(function ${name}() { for (let i = 0; i < 100; i++) kept.push({ i }); }, 5);`;

describe('an allocation timeline', () => {
  it('names who allocated in each isolate, sends no chunk through a session, and is over afterwards', async () => {
    const chunkCount = await apps.run({
      app: `${ALLOCATE('allocatesInMain')} new (require('node:worker_threads').Worker)(${JSON.stringify(ALLOCATE('allocatesInWorker'))}, { eval: true }).once('online', () => startControl());`,
      control: async ({
        main,
        directory,
        openIsolates,
        takeAllocationTimeline,
        ReservedFile,
        writeSnapshotTo,
      }) => {
        const opened = await openIsolates(main, { wanted: 'all' });
        let chunks = 0;
        for (const isolate of opened.isolates) {
          const stopListening = isolate.onEvent(
            'HeapProfiler.addHeapSnapshotChunk',
            () => void (chunks += 1),
          );
          const file = new ReservedFile(directory, `${isolate.isolate}.heaptimeline`);
          const signal = AbortSignal.timeout(500);
          const path = file.temporaryPath;
          await takeAllocationTimeline(isolate, { path, durationMs: 300_000, signal, timeoutMs: 60_000 });
          await file.finish();
          stopListening();
          await writeSnapshotTo({
            isolate,
            path: `${directory}/${isolate.isolate}-after.heaptimeline`,
            timeoutMs: 60_000,
          });
        }
        await opened.close();
        return chunks;
      },
    });
    expect(chunkCount).toBe(0);
    expect(allocatorsOf('main')).toContain('allocatesInMain');
    expect(allocatorsOf('main')).not.toContain('allocatesInWorker');
    expect(allocatorsOf('worker-1')).toContain('allocatesInWorker');
    expect([...allocatorsOf('main-after'), ...allocatorsOf('worker-1-after')]).toEqual([]);
  });

  it('is taken of a main thread in an endless loop', async () => {
    await apps.run({
      app: `setTimeout(function loopsAndAllocates() {
        require('node:fs').writeFileSync('looping', ''); const kept = [];
        for (;;) if (kept.length < 1e5) kept.push({ n: kept.length }); else kept.length = 0;
      }, 300);`,
      control: async ({
        main,
        directory,
        delay,
        fileExists,
        openIsolates,
        takeAllocationTimeline,
        ReservedFile,
      }) => {
        while (!fileExists('looping')) await delay(20);
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('main is missing');
        const file = new ReservedFile(directory, 'main.heaptimeline');
        await takeAllocationTimeline(isolate, {
          path: file.temporaryPath,
          durationMs: 500,
          timeoutMs: 60_000,
        });
        await file.finish();
      },
    });
    expect(allocatorsOf('main')).toContain('loopsAndAllocates');
  });
});
