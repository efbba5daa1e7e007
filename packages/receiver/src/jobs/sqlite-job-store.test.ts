import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeJobStore } from './job-store-contract.fixture.ts';
import { buildJob } from './job.fixture.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';

describeJobStore('createSqliteJobStore', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'heapfloor-jobs-'));
  return {
    open: async () => createSqliteJobStore(join(directory, 'jobs.sqlite')),
    clean: async () => rm(directory, { recursive: true }),
  };
});

it('fsyncs every commit through a write-ahead log', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'heapfloor-jobs-'));
  const file = join(directory, 'jobs.sqlite');
  const store = createSqliteJobStore(file);
  await store.enqueue(buildJob());
  // Another process sees the commit without a close: it is in the log, not in our memory.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const reader = new DatabaseSync(file, { readOnly: true });
  expect(reader.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(reader.prepare('SELECT count(*) AS count FROM captures').get()).toEqual({ count: 1 });
  reader.close();
  await store.close();
  await rm(directory, { recursive: true });
});

it('lets two processes that write the same episodes make each capture once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'heapfloor-jobs-'));
  const file = join(directory, 'jobs.sqlite');
  await createSqliteJobStore(file).close();
  const modules = ['sqlite-job-store.ts', 'job.fixture.ts', '../alerts/payload.fixture.ts'];
  const [storeUrl, jobUrl, eventUrl] = modules.map((name) => JSON.stringify(new URL(name, import.meta.url)));
  const script = `
    const { createSqliteJobStore } = await import(${storeUrl});
    const { buildJob } = await import(${jobUrl});
    const { buildEvent } = await import(${eventUrl});
    const store = createSqliteJobStore(${JSON.stringify(file)});
    const outcomes = [];
    for (let index = 0; index < 60; index += 1) {
      const event = buildEvent({ fingerprint: 'f' + index });
      outcomes.push((await store.enqueue(buildJob({ event, cooldownKey: 'shop-' + index }))).outcome);
    }
    console.log(JSON.stringify(outcomes));`;
  const args = ['--conditions=@heapfloor/source', '--input-type=module', '-e', script];
  const children = [0, 1].map(async () => promisify(execFile)(process.execPath, args));
  const outcomes = (await Promise.all(children)).flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
  expect(outcomes.filter((outcome) => outcome === 'enqueued')).toHaveLength(60);
  expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(60);
  await rm(directory, { recursive: true });
});

it('opens without a warning on any Node, and swallows no other', () => {
  const url = new URL('open-sqlite.ts', import.meta.url).href;
  const script = `
    const { openSqlite } = await import(${JSON.stringify(url)});
    const database = openSqlite(':memory:');
    console.log(database.prepare('PRAGMA synchronous').get().synchronous);
    process.emitWarning('another one', 'ExperimentalWarning');`;
  const child = spawnSync(
    process.execPath,
    ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  // 2 is FULL.
  expect(child.stdout.trim()).toBe('2');
  expect(child.stderr).toContain('another one');
  expect(child.stderr).not.toContain('SQLite');
});
