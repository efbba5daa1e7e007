import { episodeKey, type CaptureRecord } from '@heapfloor/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildEvent } from '../alerts/payload.fixture.ts';
import type { JobStore } from './job-store.ts';
import { after, buildJob } from './job.fixture.ts';
import { withEntry } from './record-changes.ts';

/** One engine under test; `open` may be called several times at once for the same journal. */
export interface JobStoreEngine {
  open(): Promise<JobStore>;
  /** Removes the journal. */
  clean(): Promise<void>;
}

const LEASE_MS = 15_000;

/** What every engine of the job store must do. */
export function describeJobStore(name: string, createEngine: () => Promise<JobStoreEngine>): void {
  describe(`the job store ${name}`, () => {
    let engine: JobStoreEngine;
    let store: JobStore;

    beforeEach(async () => {
      engine = await createEngine();
      store = await engine.open();
    });

    afterEach(async () => {
      await store.close();
      await engine.clean();
    });

    it('enqueues an episode once', async () => {
      const first = buildJob();
      expect(await store.enqueue(first)).toEqual({ outcome: 'enqueued' });
      expect(await store.enqueue(buildJob({ now: after(3600) }))).toEqual({
        outcome: 'duplicate',
        captureId: first.record.id,
      });
      expect(await store.list(10)).toEqual([first.record]);
    });

    it('lets one of many racing callers through, over several connections', async () => {
      const stores = await Promise.all(Array.from({ length: 4 }, async () => engine.open()));
      const episodes = Array.from({ length: 40 }, (_, index) => buildEvent({ fingerprint: `f${index}` }));
      const outcomes = await Promise.all(
        episodes.map(async (event, index) => stores[index % 4]?.enqueue(buildJob({ event }))),
      );
      expect(outcomes.filter((outcome) => outcome?.outcome === 'enqueued')).toHaveLength(1);
      expect(await store.countOpen()).toBe(1);
      await Promise.all(stores.map(async (each) => each.close()));
    });

    it('holds another episode of the target back until the cooldown ends', async () => {
      const first = buildJob();
      const second = buildEvent({ fingerprint: 'other' });
      await store.enqueue(first);
      expect(await store.enqueue(buildJob({ event: second, now: after(59.9) }))).toEqual({
        outcome: 'cooldown',
        captureId: first.record.id,
      });
      expect(await store.findCooldown('shop-1', after(59.9))).toEqual({
        captureId: first.record.id,
        source: 'alertmanager',
      });
      expect(await store.findCooldown('shop-1', after(60))).toBeNull();
      expect(await store.enqueue(buildJob({ event: second, now: after(60) }))).toEqual({
        outcome: 'enqueued',
      });
    });

    it('does not hold another target back', async () => {
      await store.enqueue(buildJob());
      const other = buildJob({ event: buildEvent({ fingerprint: 'other' }), cooldownKey: 'shop-2' });
      expect(await store.enqueue(other)).toEqual({ outcome: 'enqueued' });
    });

    it('finds a capture by its episode and by those that joined it', async () => {
      const job = buildJob();
      const joined = episodeKey(buildEvent({ source: 'grafana' }));
      await store.enqueue(job);
      expect(await store.findByEpisode(joined)).toBeNull();
      await store.joinEpisode(joined, job.record.id);
      await store.joinEpisode(joined, job.record.id);
      expect((await store.findByEpisode(joined))?.id).toBe(job.record.id);
      expect((await store.findByEpisode(job.episodeKey))?.id).toBe(job.record.id);
    });

    it('hands a job to one worker and counts the attempt before it starts', async () => {
      await store.enqueue(buildJob());
      const claims = await Promise.all(
        ['a', 'b', 'c'].map(async (owner) => store.claim({ owner, now: after(1), leaseMs: LEASE_MS })),
      );
      const [claimed, ...others] = claims.filter((claim) => claim !== null);
      expect(others).toEqual([]);
      expect(claimed).toMatchObject({ state: 'running', attempts: 1 });
      expect(await store.read(claimed?.id ?? '')).toEqual(claimed);
    });

    it('hands out the oldest job first', async () => {
      const ids: (string | undefined)[] = [];
      for (const [index, seconds] of [20, 10].entries()) {
        const event = buildEvent({ fingerprint: `f${index}` });
        const job = buildJob({ event, cooldownKey: `shop-${index}`, now: after(seconds) });
        await store.enqueue({ ...job, record: ofService(job.record, `service-${index}`) });
        ids.unshift(job.record.id);
      }
      const claims = [after(30), after(30)].map(async (now) =>
        store.claim({ owner: 'a', now, leaseMs: LEASE_MS }),
      );
      expect((await Promise.all(claims)).map((claim) => claim?.id)).toEqual(ids);
    });

    it('hands out one job of a service at a time', async () => {
      for (const instance of ['a', 'b']) {
        const event = buildEvent({ fingerprint: instance });
        await store.enqueue(buildJob({ event, cooldownKey: instance }));
      }
      const request = { owner: 'a', now: after(1), leaseMs: LEASE_MS };
      const first = await store.claim(request);
      expect(first).not.toBeNull();
      expect(await store.claim(request)).toBeNull();
      await store.update(first?.id ?? '', (record) => ({ ...record, state: 'succeeded' }), 'a');
      expect(await store.claim(request)).toMatchObject({ attempts: 1 });
    });

    it('hands out jobs of a service whose worker died, one of them', async () => {
      for (const instance of ['a', 'b']) {
        const event = buildEvent({ fingerprint: instance });
        await store.enqueue(buildJob({ event, cooldownKey: instance }));
      }
      await store.claim({ owner: 'dead', now: after(1), leaseMs: LEASE_MS });
      const request = { owner: 'a', now: after(17), leaseMs: LEASE_MS };
      expect(await store.claim(request)).not.toBeNull();
      expect(await store.claim(request)).toBeNull();
    });

    it('hands a job out again when its lease ran out, and no sooner', async () => {
      await store.enqueue(buildJob());
      const first = await store.claim({ owner: 'a', now: after(0), leaseMs: LEASE_MS });
      const lease = { id: first?.id ?? '', owner: 'a' };
      expect(await store.renew(lease, after(20))).toBe(true);
      expect(await store.claim({ owner: 'b', now: after(19.9), leaseMs: LEASE_MS })).toBeNull();
      expect(await store.claim({ owner: 'b', now: after(20), leaseMs: LEASE_MS })).toMatchObject({
        id: first?.id,
        attempts: 2,
      });
      expect(await store.renew(lease, after(99))).toBe(false);
    });

    it('refuses the write of a worker that lost its lease', async () => {
      await store.enqueue(buildJob());
      const job = await store.claim({ owner: 'a', now: after(0), leaseMs: LEASE_MS });
      await store.claim({ owner: 'b', now: after(15), leaseMs: LEASE_MS });
      const id = job?.id ?? '';
      expect(await store.update(id, (record) => ({ ...record, state: 'failed' }), 'a')).toBeNull();
      await store.release({ id, owner: 'a' }, after(16));
      expect(await store.read(id)).toMatchObject({ state: 'running' });
      expect(await store.claim({ owner: 'c', now: after(17), leaseMs: LEASE_MS })).toBeNull();
    });

    it('keeps every one of many changes made at once', async () => {
      const { record } = buildJob();
      await store.enqueue(buildJob({ record }));
      const stores = await Promise.all([engine.open(), engine.open()]);
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          stores[index % 2]?.update(record.id, (current) =>
            withEntry(current, after(1), ['note', `${index}`]),
          ),
        ),
      );
      const notes = (await store.read(record.id))?.timeline.filter(({ event }) => event === 'note') ?? [];
      expect(new Set(notes.map(({ detail }) => detail)).size).toBe(20);
      await Promise.all(stores.map(async (each) => each.close()));
    });

    it('writes nothing when a change throws or is no record', async () => {
      const job = buildJob();
      await store.enqueue(job);
      await expect(
        store.update(job.record.id, () => {
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      await expect(store.update(job.record.id, (record) => ({ ...record, attempts: -1 }))).rejects.toThrow(
        'attempts',
      );
      expect(await store.read(job.record.id)).toEqual(job.record);
    });

    it('puts a released job back until its time', async () => {
      await store.enqueue(buildJob());
      const job = await store.claim({ owner: 'a', now: after(0), leaseMs: LEASE_MS });
      await store.release({ id: job?.id ?? '', owner: 'a' }, after(2));
      expect(await store.read(job?.id ?? '')).toMatchObject({ state: 'queued', attempts: 1 });
      expect(await store.claim({ owner: 'a', now: after(1.9), leaseMs: LEASE_MS })).toBeNull();
      expect(await store.claim({ owner: 'a', now: after(2), leaseMs: LEASE_MS })).toMatchObject({
        attempts: 2,
      });
    });

    it('never hands out a finished job', async () => {
      await store.enqueue(buildJob());
      const job = await store.claim({ owner: 'a', now: after(0), leaseMs: LEASE_MS });
      await store.update(job?.id ?? '', (record) => ({ ...record, state: 'succeeded' }), 'a');
      expect(await store.claim({ owner: 'b', now: after(9999), leaseMs: LEASE_MS })).toBeNull();
      expect(await store.countOpen()).toBe(0);
      expect(await store.renew({ id: job?.id ?? '', owner: 'a' }, after(99))).toBe(false);
    });

    it('lists the newest first and finds the newest of a target', async () => {
      const jobs = [0, 100, 200].map((seconds) =>
        buildJob({ event: buildEvent({ fingerprint: `f${seconds}` }), now: after(seconds) }),
      );
      for (const job of jobs) await store.enqueue(job);
      const ids = jobs.map(({ record }) => record.id).toReversed();
      expect((await store.list(2)).map(({ id }) => id)).toEqual(ids.slice(0, 2));
      expect((await store.findLatest('shop-1'))?.id).toBe(ids[0]);
      expect(await store.findLatest('shop-9')).toBeNull();
    });

    it('still knows everything after it was closed and opened', async () => {
      const job = buildJob();
      await store.enqueue(job);
      await store.close();
      store = await engine.open();
      expect(await store.read(job.record.id)).toEqual(job.record);
      expect(await store.enqueue(buildJob())).toMatchObject({ outcome: 'duplicate' });
    });
  });
}

function ofService(record: CaptureRecord, service: string): CaptureRecord {
  return { ...record, target: { instance: 'shop-1', service, version: null } };
}
