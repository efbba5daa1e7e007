import { once, EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { buildEvent } from '../alerts/payload.fixture.ts';
import { createJobRunner } from './job-runner.ts';
import { after, buildJob } from './job.fixture.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';

it('works on as many captures at once as allowed, each of another service', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'heapfloor-runner-'));
  const store = createSqliteJobStore(join(directory, 'jobs.sqlite'));
  for (const [index, service] of ['shop', 'shop', 'search', 'mail'].entries()) {
    const event = buildEvent({ fingerprint: `f${index}` });
    const job = buildJob({ event, cooldownKey: `${index}`, now: after(index) });
    const record = { ...job.record, target: { instance: `${service}-${index}`, service, version: null } };
    await store.enqueue({ ...job, record });
  }
  const running: string[] = [];
  const steps = new EventEmitter();
  const runner = createJobRunner({
    store,
    artifactsDirectory: directory,
    clock: () => new Date(),
    logEvent: () => {},
    policy: { leaseMs: 15_000, maxAttempts: 1, maxConcurrentCaptures: 2, retryBaseMs: 1 },
    async run(record, { update }) {
      running.push(record.target?.service ?? '');
      steps.emit('started');
      await once(steps, 'end');
      return update((current) => ({ ...current, state: 'succeeded' }));
    },
  });
  runner.start();
  for (let count = 0; count < 4; count += 1) runner.wake();
  await setImmediate();
  expect(running).toEqual(['shop', 'search']);
  const nextStarted = once(steps, 'started');
  steps.emit('end');
  await nextStarted;
  await setImmediate();
  expect(running.slice(2)).toEqual(['shop', 'mail']);
  steps.emit('end');
  await runner.stop();
  await store.close();
  await rm(directory, { recursive: true });
});
