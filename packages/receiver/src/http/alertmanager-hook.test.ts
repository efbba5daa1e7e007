import { afterEach, describe, expect, it } from 'vitest';
import { buildEvent, buildWebhook, buildWebhookAlert, readPayload } from '../alerts/payload.fixture.ts';
import type { Target } from '../targets/target.ts';
import { post, send, startTestApp, type Answer, type TestApp } from './test-app.fixture.ts';

let app: TestApp;

afterEach(async () => {
  await app.close();
});

const HOOK = '/hooks/alertmanager';
const NOTHING = { accepted: 0, duplicate: 0, ignored: [], rejected: [], captures: [] };

describe('POST /hooks/alertmanager', () => {
  it('answers 202 with a capture that is durable', async () => {
    app = await startTestApp();
    const { status, body } = await post(`${app.url}${HOOK}`, buildWebhook(buildWebhookAlert()));
    const [record] = await app.store.list(10);
    expect(status).toBe(202);
    expect(body).toEqual({
      ...NOTHING,
      accepted: 1,
      captures: [{ fingerprint: '249663c0b59b123b', captureId: record?.id }],
    });
    expect(record).toMatchObject({
      state: 'queued',
      target: { instance: 'shop-1', service: 'shop', version: '1.4.0' },
      alert: { source: 'alertmanager', floorRatio: 0.8312 },
      timeline: [
        { event: 'alert', detail: 'NodejsHeapFloorHigh from Alertmanager: floor at 83.1 % of the limit.' },
        { event: 'accepted' },
      ],
    });
  });

  it('tells every alert of a batch its outcome', async () => {
    app = await startTestApp();
    const alerts = [
      buildWebhookAlert(),
      { status: 'firing' },
      buildWebhookAlert({ labels: { alertname: 'NodejsDown' }, fingerprint: 'f1' }),
      buildWebhookAlert({ labels: { alertname: 'NodejsHeapFloorHigh', instance: 'x' }, fingerprint: 'f2' }),
      buildWebhookAlert({ startsAt: '2026-11-22T09:00:00Z', fingerprint: 'f3' }),
      buildWebhookAlert(),
      buildWebhookAlert({ fingerprint: 'f4' }),
    ];
    const { status, body } = await post(`${app.url}${HOOK}`, buildWebhook(...alerts));
    expect(status).toBe(202);
    expect(body).toMatchObject({
      accepted: 1,
      duplicate: 1,
      ignored: [
        { fingerprint: 'f1', reason: 'unknown-alertname' },
        { fingerprint: 'f2', reason: 'unknown-target' },
        { fingerprint: 'f3', reason: 'stale' },
        { fingerprint: 'f4', reason: 'cooldown' },
      ],
      rejected: [{ index: 1, reason: expect.stringContaining('labels') as string }],
    });
    expect((await send(`${app.url}/api/activity`)).body['alertCounts']).toEqual({
      accepted: 1,
      duplicate: 1,
      rejected: 1,
      'unknown-alertname': 1,
      'unknown-target': 1,
      stale: 1,
      cooldown: 1,
    });
  });

  it('captures once for all that Alertmanager 0.33.1 sent of one alert', async () => {
    app = await startTestApp({
      options: { alertNames: ['NodeHeapFloorHigh'] },
      targets: [
        {
          instance: 'shop-1',
          service: 'shop',
          version: null,
          address: 'unix:/run/shop.sock',
          match: { instance: 'uuid-a' },
        },
      ],
    });
    const captures = readPayload('alertmanager-0.33.1-captured') as { body: unknown }[];
    const answers: Answer[] = [];
    for (const { body } of captures) answers.push(await post(`${app.url}${HOOK}`, body));
    expect(answers.map(({ status }) => status)).toEqual(captures.map(() => 202));
    const [record, ...others] = await app.store.list(10);
    expect(others).toEqual([]);
    expect(record?.timeline.map(({ event }) => event)).toEqual(['alert', 'accepted', 'resolved']);
  });

  it('notes a second source of the same incident on the one capture', async () => {
    app = await startTestApp();
    await post(`${app.url}${HOOK}`, buildWebhook(buildWebhookAlert()));
    const labels = { alertname: 'NodejsHeapFloorHigh', instance: 'shop-1' };
    const grafana = {
      ...buildWebhook(buildWebhookAlert({ labels, fingerprint: 'g1' })),
      version: '1',
      orgId: 1,
    };
    const first = await post(`${app.url}/hooks/grafana`, grafana);
    const second = await post(`${app.url}/hooks/grafana`, grafana);
    expect([first.body['duplicate'], second.body['duplicate']]).toEqual([1, 1]);
    const [record, ...others] = await app.store.list(10);
    expect(others).toEqual([]);
    expect(record?.timeline.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('Alertmanager'),
      expect.stringContaining('Selected shop-1'),
      expect.stringContaining('from Grafana'),
    ]);
  });

  it('takes racing repeats of one alert for one', async () => {
    app = await startTestApp();
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => post(`${app.url}${HOOK}`, buildWebhook(buildWebhookAlert()))),
    );
    expect(answers.map(({ body }) => body['accepted']).filter((count) => count === 1)).toHaveLength(1);
    expect(await app.store.list(10)).toHaveLength(1);
  });

  it('puts the floor history into the record at alert time', async () => {
    app = await startTestApp();
    const sample = { at: buildEvent().startsAt, floorBytes: 8, limitBytes: 10, heapUsedBytes: 9 };
    app.instances.record(
      {
        ...sample,
        job: 'shop',
        instance: 'shop-1',
        service: 'shop',
        version: '2.0.0',
        at: new Date(sample.at),
        floorRatio: 0.8,
        majorGcCount: 1,
        isMajorGcCountDelta: false,
        lastMajorAgeSeconds: 0,
        breach: null,
      },
      app.now,
    );
    await post(`${app.url}${HOOK}`, buildWebhook(buildWebhookAlert()));
    expect((await app.store.list(1))[0]).toMatchObject({
      floorSamples: [sample],
      target: { version: '2.0.0' },
    });
  });

  it('takes a batch of 5,000 alerts', async () => {
    app = await startTestApp();
    const labels = { alertname: 'Other', description: 'x'.repeat(700) };
    const alerts = Array.from({ length: 5000 }, (_, index) =>
      buildWebhookAlert({ labels, fingerprint: `f${index}` }),
    );
    const { status, body } = await post(`${app.url}${HOOK}`, buildWebhook(...alerts));
    expect(status).toBe(202);
    expect(body['ignored']).toHaveLength(5000);
  });

  it('answers 503 with Retry-After when too much is open, and takes the rest later', async () => {
    app = await startTestApp({ options: { maxOpenJobs: 1 }, targets: ['a', 'b'].map(target) });
    const alerts = ['a', 'b'].map((instance) =>
      buildWebhookAlert({ labels: { alertname: 'NodejsHeapFloorHigh', instance }, fingerprint: instance }),
    );
    const { status, headers, body } = await post(`${app.url}${HOOK}`, buildWebhook(...alerts));
    expect([status, headers.get('retry-after'), body['code']]).toEqual([503, '30', 'RECEIVER_OVERLOADED']);
    expect((await send(`${app.url}/readyz`)).body['status']).toBe('overloaded');
    const [open] = await app.store.list(10);
    await app.store.update(open?.id ?? '', (record) => ({ ...record, state: 'failed' }));
    const again = await post(`${app.url}${HOOK}`, buildWebhook(...alerts));
    expect([again.status, again.body['accepted'], again.body['duplicate']]).toEqual([202, 1, 1]);
  });
});

function target(instance: string): Target {
  return { instance, service: 'shop', version: null, address: 'unix:/run/a.sock', match: { instance } };
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** A refusal in short, after checking that it is a problem, changes nothing and is logged. */
async function refusalOf(answer: Answer): Promise<[number, unknown]> {
  const { status, body, headers } = answer;
  const logged = app.logs.filter(({ event }) => event === 'refused').map((entry) => entry['code']);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(await app.store.list(10)).toEqual([]);
  expect(logged).toEqual([body['code']]);
  return [status, body['code']];
}

describe('what the Alertmanager hook refuses', () => {
  it('a wrong or missing credential', async () => {
    app = await startTestApp({
      credentials: { alertmanagerTokens: ['token-a', 'token-b'], alertmanagerBasicPairs: ['am:pass'] },
    });
    const url = `${app.url}${HOOK}`;
    const body = buildWebhook(buildWebhookAlert());
    for (const authorization of [
      '',
      'Bearer token-c',
      'Bearer ',
      basic('am:other'),
      basic('am:pass').replace('Basic', 'Digest'),
      basic('x:pass'),
      'token-a',
    ]) {
      const { status } = await post(url, body, { authorization });
      expect([authorization, status]).toEqual([authorization, 401]);
    }
    expect(await app.store.list(10)).toEqual([]);
    for (const authorization of ['Bearer token-a', 'bearer token-b', basic('am:pass')]) {
      const { status } = await post(url, body, { authorization });
      expect([authorization, status]).toEqual([authorization, 202]);
    }
  });

  it('anyone, when no credential is configured', async () => {
    app = await startTestApp({ options: { allowUnsigned: false } });
    const answer = await post(`${app.url}${HOOK}`, buildWebhook(buildWebhookAlert()));
    expect(await refusalOf(answer)).toEqual([403, 'RECEIVER_AUTH_NOT_CONFIGURED']);
    expect(answer.body['detail']).toContain('alertmanagerBearerTokenFile');
  });

  it('a body above 10 MB', async () => {
    app = await startTestApp();
    const body = JSON.stringify({ alerts: [], filler: 'x'.repeat(10 * 1024 * 1024) });
    expect(await refusalOf(await post(`${app.url}${HOOK}`, body))).toEqual([413, 'RECEIVER_BODY_TOO_LARGE']);
  });

  it('another content type', async () => {
    app = await startTestApp();
    expect(await refusalOf(await post(`${app.url}${HOOK}`, '{}', { 'content-type': 'text/plain' }))).toEqual([
      415,
      'RECEIVER_CONTENT_TYPE',
    ]);
  });

  it('a compressed body', async () => {
    app = await startTestApp();
    expect(await refusalOf(await post(`${app.url}${HOOK}`, '{}', { 'content-encoding': 'gzip' }))).toEqual([
      415,
      'RECEIVER_CONTENT_TYPE',
    ]);
  });

  it('text that is no JSON', async () => {
    app = await startTestApp();
    expect(await refusalOf(await post(`${app.url}${HOOK}`, '{"alerts":'))).toEqual([
      400,
      'RECEIVER_BODY_INVALID',
    ]);
  });

  it('JSON of another shape', async () => {
    app = await startTestApp();
    expect(await refusalOf(await post(`${app.url}${HOOK}`, { text: 'x' }))).toEqual([
      422,
      'RECEIVER_PAYLOAD_INVALID',
    ]);
  });

  it('a Grafana body', async () => {
    app = await startTestApp();
    expect(await refusalOf(await post(`${app.url}${HOOK}`, readPayload('grafana-firing')))).toEqual([
      422,
      'RECEIVER_PAYLOAD_WRONG_HOOK',
    ]);
  });

  it('another method', async () => {
    app = await startTestApp();
    const answer = await send(`${app.url}${HOOK}`);
    expect(await refusalOf(answer)).toEqual([405, 'RECEIVER_METHOD_NOT_ALLOWED']);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('everything while it is stopping', async () => {
    app = await startTestApp();
    app.isDraining = true;
    expect(await refusalOf(await post(`${app.url}${HOOK}`, buildWebhook(buildWebhookAlert())))).toEqual([
      503,
      'RECEIVER_DRAINING',
    ]);
    expect((await send(`${app.url}/readyz`)).status).toBe(503);
    expect((await send(`${app.url}/healthz`)).status).toBe(200);
  });
});
