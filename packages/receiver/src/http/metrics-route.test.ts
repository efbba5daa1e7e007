import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { buildExport, NUMBERS, RESOURCE } from '../instances/otlp.fixture.ts';
import type { Target } from '../targets/target.ts';
import { post, send, startTestApp, type TestApp } from './test-app.fixture.ts';

let app: TestApp;

afterEach(async () => {
  await app.close();
});

const METRICS = '/v1/metrics';

async function startNow(input: Parameters<typeof startTestApp>[0] = {}): Promise<TestApp> {
  app = await startTestApp(input);
  app.now = new Date(NUMBERS.atMs);
  return app;
}

describe('POST /v1/metrics', () => {
  it('keeps the live numbers and answers as OTLP does', async () => {
    await startNow();
    const { status, body } = await post(`${app.url}${METRICS}`, buildExport({ streak: 0 }));
    expect([status, body]).toEqual([200, {}]);
    expect((await send(`${app.url}/api/instances`)).body['instances']).toEqual([
      expect.objectContaining({
        instance: 'shop-1',
        floorBytes: 800,
        floorRatio: 0.8,
        majorGcCount: 7,
        streak: 0,
      }),
    ]);
    expect(await app.store.list(1)).toEqual([]);
  });

  it('captures when the rule is met, with the floor history, and once', async () => {
    await startNow();
    await post(`${app.url}${METRICS}`, buildExport({ streak: 1, durationSeconds: 0 }));
    const next = { atMs: NUMBERS.atMs + 15_000, majorGcCount: 8, floorBytes: 820 };
    await post(`${app.url}${METRICS}`, buildExport(next));
    await post(`${app.url}${METRICS}`, buildExport({ ...next, atMs: NUMBERS.atMs + 30_000 }));
    const [record, ...others] = await app.store.list(10);
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      state: 'queued',
      alert: { source: 'embedded', alertname: 'NodejsHeapFloorHigh', floorRatio: 0.82 },
      target: { instance: 'shop-1', version: '1.4.0' },
    });
    expect(record?.floorSamples.map(({ floorBytes }) => floorBytes)).toEqual([800, 820]);
  });

  it('does not judge when the rule is evaluated elsewhere', async () => {
    await startNow({ options: { evaluateRule: false } });
    await post(`${app.url}${METRICS}`, buildExport());
    expect(await app.store.list(1)).toEqual([]);
    expect(app.instances.views()).toHaveLength(1);
  });

  it('tells what it could not attribute', async () => {
    await startNow();
    const { status, body } = await post(`${app.url}${METRICS}`, buildExport({}, { 'service.name': 'shop' }));
    expect([status, body]).toEqual([
      200,
      {
        partialSuccess: {
          rejectedDataPoints: '9',
          errorMessage: 'the resource has no service.instance.id',
        },
      },
    ]);
  });

  it('reads gzip, which exporters may send', async () => {
    await startNow();
    const { status } = await send(`${app.url}${METRICS}`, {
      method: 'POST',
      body: gzipSync(JSON.stringify(buildExport())),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    expect(status).toBe(200);
    expect(app.instances.find({ instance: 'shop-1' })?.floorBytes).toBe(800);
  });

  it('refuses gzip that unpacks to more than 10 MB', async () => {
    await startNow();
    const { status, body } = await send(`${app.url}${METRICS}`, {
      method: 'POST',
      body: gzipSync(Buffer.alloc(11 * 1024 * 1024, ' ')),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    expect([status, body['code']]).toEqual([413, 'RECEIVER_BODY_TOO_LARGE']);
  });

  it('refuses protobuf with the way out', async () => {
    await startNow();
    const { status, body } = await post(`${app.url}${METRICS}`, 'x', {
      'content-type': 'application/x-protobuf',
    });
    expect([status, body['code']]).toEqual([415, 'RECEIVER_CONTENT_TYPE']);
    expect(body['detail']).toContain('OTEL_EXPORTER_OTLP_PROTOCOL=http/json');
  });

  it('refuses a wrong token, and everyone when none is configured', async () => {
    await startNow({ credentials: { otlpTokens: ['token'] } });
    expect((await post(`${app.url}${METRICS}`, buildExport())).status).toBe(401);
    const { status } = await post(`${app.url}${METRICS}`, buildExport(), { authorization: 'Bearer token' });
    expect(status).toBe(200);
    await app.close();
    await startNow({ options: { allowUnsigned: false } });
    const { body } = await post(`${app.url}${METRICS}`, buildExport());
    expect(body['code']).toBe('RECEIVER_AUTH_NOT_CONFIGURED');
  });

  it('takes metrics though the alert in them cannot be admitted now', async () => {
    await startNow({ options: { maxOpenJobs: 1 }, targets: ['a', 'b'].map(toTarget) });
    for (const instance of ['a', 'b']) {
      const resource = { ...RESOURCE, 'service.instance.id': instance };
      expect((await post(`${app.url}${METRICS}`, buildExport({}, resource))).status).toBe(200);
    }
    const [open, ...others] = await app.store.list(10);
    expect(others).toEqual([]);
    await app.store.update(open?.id ?? '', (record) => ({ ...record, state: 'failed' }));
    await post(`${app.url}${METRICS}`, {});
    expect(new Set((await app.store.list(10)).map(({ target }) => target?.instance))).toEqual(
      new Set(['a', 'b']),
    );
  });
});

function toTarget(instance: string): Target {
  return { instance, service: 'shop', version: null, address: 'unix:/run/a.sock', match: { instance } };
}
