import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { buildWebhook, buildWebhookAlert, readPayload } from '../alerts/payload.fixture.ts';
import { post, startTestApp, type TestApp } from './test-app.fixture.ts';

let app: TestApp;

afterEach(async () => {
  await app.close();
});

const HOOK = '/hooks/alertmanager';

function nowSeconds(): number {
  return Math.floor(app.now.getTime() / 1000);
}

describe('POST /hooks/grafana', () => {
  const SECRET = 'a secret of Grafana';
  const GRAFANA = '/hooks/grafana';
  const LABELS = { alertname: 'NodejsHeapFloorHigh', instance: 'shop-1' };
  const BODY = JSON.stringify({
    ...buildWebhook(buildWebhookAlert({ labels: LABELS })),
    version: '1',
    orgId: 1,
  });

  function sign(text: string, timestamp: number, secret = SECRET): Record<string, string> {
    return {
      'X-Grafana-Alerting-Signature': createHmac('sha256', secret)
        .update(`${timestamp}:${text}`)
        .digest('hex'),
      'X-Grafana-Alerting-Timestamp': String(timestamp),
    };
  }

  it('accepts what is signed with any of the secrets', async () => {
    app = await startTestApp({ credentials: { grafanaHmacSecrets: ['the next one', SECRET] } });
    const { status, body } = await post(`${app.url}${GRAFANA}`, BODY, sign(BODY, nowSeconds()));
    expect([status, body['accepted']]).toEqual([202, 1]);
  });

  it.each([
    [
      'no signature',
      (): Record<string, string> => ({ 'X-Grafana-Alerting-Timestamp': String(nowSeconds()) }),
    ],
    ['another secret', () => sign(BODY, nowSeconds(), 'other')],
    ['another body', () => sign(`${BODY} `, nowSeconds())],
    [
      'a signature of another time',
      () => ({ ...sign(BODY, nowSeconds() - 1), 'X-Grafana-Alerting-Timestamp': String(nowSeconds()) }),
    ],
    [
      'an upper-case signature',
      () => {
        const headers = sign(BODY, nowSeconds());
        const signature = headers['X-Grafana-Alerting-Signature']?.toUpperCase() ?? '';
        return { ...headers, 'X-Grafana-Alerting-Signature': signature };
      },
    ],
  ])('refuses %s', async (_what, headers) => {
    app = await startTestApp({ credentials: { grafanaHmacSecrets: [SECRET] } });
    const { status, body } = await post(`${app.url}${GRAFANA}`, BODY, headers());
    expect([status, body['code']]).toEqual([401, 'RECEIVER_SIGNATURE_INVALID']);
    expect(await app.store.list(10)).toEqual([]);
  });

  it('refuses a signature over the body alone: the timestamp is not optional', async () => {
    app = await startTestApp({ credentials: { grafanaHmacSecrets: [SECRET] } });
    const signature = createHmac('sha256', SECRET).update(BODY).digest('hex');
    const { body } = await post(`${app.url}${GRAFANA}`, BODY, { 'X-Grafana-Alerting-Signature': signature });
    expect(body['code']).toBe('RECEIVER_TIMESTAMP_INVALID');
  });

  it.each([
    [-300, 202],
    [-301, 401],
    [300, 202],
    [301, 401],
  ])('takes a time %i s off as %i', async (offSeconds, expected) => {
    app = await startTestApp({ credentials: { grafanaHmacSecrets: [SECRET] } });
    const { status } = await post(`${app.url}${GRAFANA}`, BODY, sign(BODY, nowSeconds() + offSeconds));
    expect(status).toBe(expected);
  });

  it('refuses the same request a second time', async () => {
    app = await startTestApp({ credentials: { grafanaHmacSecrets: [SECRET] } });
    const headers = sign(BODY, nowSeconds());
    await post(`${app.url}${GRAFANA}`, BODY, headers);
    const { status, body } = await post(`${app.url}${GRAFANA}`, BODY, headers);
    expect([status, body['code']]).toEqual([409, 'RECEIVER_REQUEST_REPLAYED']);
  });

  it('takes a request again that it could not carry out', async () => {
    app = await startTestApp({ options: { maxOpenJobs: 1 }, credentials: { grafanaHmacSecrets: [SECRET] } });
    const other = buildWebhook(buildWebhookAlert({ labels: { ...LABELS, instance: 'shop-1' } }));
    await post(`${app.url}${HOOK}`, other);
    await app.store.update((await app.store.list(1))[0]?.id ?? '', (record) => record);
    app.now = new Date(app.now.getTime() + 1_800_000);
    const late = JSON.stringify({
      ...buildWebhook(buildWebhookAlert({ labels: LABELS, startsAt: app.now.toISOString() })),
      version: '1',
      orgId: 1,
    });
    const headers = sign(late, nowSeconds());
    expect((await post(`${app.url}${GRAFANA}`, late, headers)).status).toBe(503);
    await app.store.update((await app.store.list(1))[0]?.id ?? '', (record) => ({
      ...record,
      state: 'failed',
    }));
    expect((await post(`${app.url}${GRAFANA}`, late, headers)).status).toBe(202);
  });

  it.each([
    ['grafana-no-data', 'datasource-no-data'],
    ['grafana-missing-series', 'resolved'],
  ])('never captures for %s', async (name, reason) => {
    app = await startTestApp();
    const { status, body } = await post(`${app.url}${GRAFANA}`, readPayload(name));
    expect(status).toBe(202);
    expect(body['ignored']).toEqual([expect.objectContaining({ reason })]);
    expect(await app.store.list(10)).toEqual([]);
  });

  it('answers the Test button', async () => {
    app = await startTestApp();
    const labels = { alertname: 'TestAlert', instance: 'Grafana' };
    const { status, body } = await post(`${app.url}${GRAFANA}`, {
      ...buildWebhook(buildWebhookAlert({ labels, values: null })),
      version: '1',
    });
    expect([status, body['ignored']]).toEqual([
      202,
      [{ fingerprint: '249663c0b59b123b', reason: 'test-alert' }],
    ]);
  });

  it.each([
    [{ ruleName: 'x', evalMatches: [] }, 422, 'RECEIVER_PAYLOAD_LEGACY'],
    [{ text: 'x' }, 400, 'RECEIVER_PAYLOAD_CUSTOM'],
  ])('refuses %j clearly', async (payload, status, code) => {
    app = await startTestApp();
    const answer = await post(`${app.url}${GRAFANA}`, payload);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('is closed without a secret', async () => {
    app = await startTestApp({ options: { allowUnsigned: false } });
    const { status, body } = await post(`${app.url}${GRAFANA}`, BODY);
    expect([status, body['code']]).toEqual([403, 'RECEIVER_AUTH_NOT_CONFIGURED']);
  });
});
