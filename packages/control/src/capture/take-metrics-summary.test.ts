import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCaptureApps } from '../testing/capture-app.fixture.ts';
import { pickNumbers } from './take-metrics-summary.ts';

const apps = createCaptureApps();
afterEach(apps.end);

interface Summary {
  readonly versions: Record<string, string>;
  readonly process: Record<string, number | string | null>;
  readonly isolate: Record<string, Record<string, number | Record<string, number>>>;
}

describe('a metrics summary', () => {
  it('holds the numbers of one isolate and of the process, and no text of the app', async () => {
    await apps.run({
      app: `process.title = 'hunter2-title'; globalThis.held = 'hunter2-held';
        require('node:net').createServer().listen(0);
        process.getActiveResourcesInfo = ((original) => () => [...original(), 'hunter2 resource', 'TCPServerWrap'])(process.getActiveResourcesInfo);
        new (require('node:worker_threads').Worker)('setInterval(() => {}, 1000)', { eval: true, name: 'hunter2-worker' }).once('online', () => startControl());`,
      control: async ({ main, directory, openIsolates, takeMetricsSummary, ArtifactFile }) => {
        const { isolates, close } = await openIsolates(main, { wanted: 'all' });
        for (const isolate of isolates) {
          const file = new ArtifactFile(directory, `${isolate.isolate}.metrics.json`);
          await takeMetricsSummary(isolate, file);
          file.finish();
        }
        await close();
      },
    });
    const [main, worker] = ['main', 'worker-1'].map((name) =>
      readFileSync(join(apps.directory(), `${name}.metrics.json`), 'utf8'),
    );
    expect(`${main}${worker}`).not.toContain('hunter2');
    const summary = JSON.parse(main ?? '') as Summary;
    const { node, v8, uv } = process.versions;
    expect(summary.versions).toEqual({ node, v8, uv });
    expect(summary.isolate).toMatchObject({
      isolate: 'main',
      answered: true,
      activeResources: { TCPServerWrap: 2 },
    });
    expect(summary.isolate['spaces']).toHaveProperty('old_space.space_used_size');
    expect(summary.isolate['heap']?.['used_heap_size']).toBeGreaterThan(2 ** 20);
    expect(summary.isolate['eventLoopUtilization']?.['active']).toBeGreaterThan(0);
    expect(summary.isolate['resourceUsage']?.['maxRSS']).toBeGreaterThan(1_000);
    expect(summary.process['rssBytes']).toBeGreaterThan(
      summary.isolate['memoryUsage']?.['heapUsed'] as number,
    );
    expect((JSON.parse(worker ?? '') as Summary).isolate).toMatchObject({
      isolate: 'worker-1',
      answered: true,
    });
  });

  it('still holds those of the process when the isolate stands in native code', async () => {
    await apps.run({
      app: `globalThis.stick = () => require('node:child_process').execFileSync('sh', ['-c', 'touch stuck; sleep 20']);
        setInterval(() => {}, 1000);`,
      control: async ({
        main,
        directory,
        delay,
        fileExists,
        openIsolates,
        takeMetricsSummary,
        ArtifactFile,
      }) => {
        const { isolates } = await openIsolates(main, { wanted: 'main' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('main is missing');
        await isolate.evaluate('void setTimeout(stick)', 5_000);
        while (!fileExists('stuck')) await delay(20);
        const file = new ArtifactFile(directory, 'main.metrics.json');
        await takeMetricsSummary(isolate, file, 300);
        file.finish();
      },
    });
    const text = readFileSync(join(apps.directory(), 'main.metrics.json'), 'utf8');
    const summary = JSON.parse(text) as Summary;
    expect(summary.isolate).toEqual({
      isolate: 'main',
      heapUsedBytes: expect.any(Number) as number,
      answered: false,
    });
    expect(summary.process['rssBytes']).toBeGreaterThan(10 * 2 ** 20);
  });
});

it('of an answer only numbers under plain names are taken, and not without end', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`a${n}`, n]));
  expect(Object.keys(pickNumbers(many))).toHaveLength(64);
  expect(
    pickNumbers({
      a: 1,
      text: 'x',
      'a b': 2,
      __proto__x: 3,
      deep: { deeper: { deepest: { gone: 1 }, kept: 2 } },
    }),
  ).toEqual({ a: 1, deep: { deeper: { kept: 2 } } });
  expect(pickNumbers('x')).toEqual({});
});
