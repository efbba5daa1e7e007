import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPool, endOf } from '../testing/register-run.ts';
import { REGISTER_ARGS, runNode } from '../testing/run-node.ts';

const pool = createPool();
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heapfloor-runner-'));
});
afterEach(async () => {
  await pool.close();
  rmSync(directory, { recursive: true });
});

const vitestDirectory = dirname(createRequire(import.meta.url).resolve('vitest/package.json'));

/** A test that fails if a timer of ours is among those that it moves by hand. */
const FAKE_TIMERS = `
import { expect, it, vi } from 'vitest';
it('runs all timers', async () => {
  await new Promise((resolve) => setTimeout(resolve, 900));
  vi.useFakeTimers();
  const called = vi.fn();
  setTimeout(called, 1000);
  vi.runAllTimers();
  expect(called).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});
`;

describe.each(['threads', 'forks', 'vmThreads'])('tests of an app in Vitest with %s', (runnerPool) => {
  it('pass with register mode in NODE_OPTIONS, and are watched', async () => {
    const sink = await pool.startSink();
    symlinkSync(dirname(vitestDirectory), join(directory, 'node_modules'));
    writeFileSync(join(directory, 'fake-timers.test.mjs'), FAKE_TIMERS);
    const args = [join(vitestDirectory, 'vitest.mjs'), 'run', `--root=${directory}`, `--pool=${runnerPool}`];
    const end = await endOf(
      runNode(args, {
        NODE_OPTIONS: REGISTER_ARGS.join(' '),
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
        OTEL_METRIC_EXPORT_INTERVAL: '200',
      }),
    );
    expect(end.stdout).toContain('1 passed');
    expect(end.exitCode).toBe(0);
    const ids = new Set(sink.exports.map((one) => one.resource['service.instance.id']));
    expect(ids.size).toBe(2);
  });
});
