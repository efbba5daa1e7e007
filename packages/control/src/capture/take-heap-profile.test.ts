import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCaptureApps } from '../testing/capture-app.fixture.ts';

const apps = createCaptureApps();
afterEach(apps.end);

interface ProfileNode {
  readonly callFrame: { readonly functionName: string };
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

function sizesOf(name: string): Map<string, number> {
  const { head } = JSON.parse(readFileSync(join(apps.directory(), name), 'utf8')) as { head: ProfileNode };
  const sizes = new Map<string, number>();
  const add = ({ callFrame, selfSize, children }: ProfileNode): void => {
    sizes.set(callFrame.functionName, (sizes.get(callFrame.functionName) ?? 0) + selfSize);
    children.forEach(add);
  };
  add(head);
  return sizes;
}

const LEAK = (name: string): string =>
  `globalThis.kept = []; setInterval(function ${name}() { for (let i = 0; i < 100; i++) kept.push(new Array(1000).fill(0.5)); }, 10);`;

describe('a heap profile', () => {
  it('of a worker shows what the worker keeps, and ends early with what it has until then', async () => {
    const tookMs = await apps.run({
      app: `${LEAK('leaksInMain')} new (require('node:worker_threads').Worker)(${JSON.stringify(LEAK('leaksInWorker'))}, { eval: true }).once('online', () => startControl());`,
      control: async ({ main, directory, openIsolates, takeHeapProfile, ArtifactFile }) => {
        const { isolates, close } = await openIsolates(main, { wanted: 'all' });
        const startedMs = performance.now();
        for (const isolate of isolates) {
          const file = new ArtifactFile(directory, `${isolate.isolate}.heapprofile`);
          const signal = AbortSignal.timeout(700);
          await takeHeapProfile(isolate, file, { durationMs: 300_000, heart: null, signal });
          file.finish();
        }
        await close();
        return performance.now() - startedMs;
      },
    });
    expect(tookMs).toBeLessThan(20_000);
    const [main, worker] = [sizesOf('main.heapprofile'), sizesOf('worker-1.heapprofile')];
    expect(main.get('leaksInMain')).toBeGreaterThan(2 ** 20);
    expect(worker.get('leaksInWorker')).toBeGreaterThan(2 ** 20);
    expect([main.has('leaksInWorker'), worker.has('leaksInMain')]).toEqual([false, false]);
  });

  it('takes no sample more often than every 16 KiB, whatever is asked for', async () => {
    const intervals = await apps.run({
      control: async ({ main, directory, takeHeapProfile, ArtifactFile }) => {
        const asked: unknown[] = [];
        const send: typeof main.send = async (method, params, timeoutMs) => {
          if (method === 'HeapProfiler.startSampling') asked.push(params);
          return main.send(method, params, timeoutMs);
        };
        for (const samplingIntervalBytes of [1, 2 ** 20]) {
          const file = new ArtifactFile(directory, `${samplingIntervalBytes}.heapprofile`);
          await takeHeapProfile({ ...main, send }, file, {
            durationMs: 1,
            heart: null,
            samplingIntervalBytes,
          });
          file.finish();
        }
        return asked;
      },
    });
    expect(intervals).toEqual([{ samplingInterval: 16_384 }, { samplingInterval: 1_048_576 }]);
  });
});
