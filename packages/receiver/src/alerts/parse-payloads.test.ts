import { describe, expect, it } from 'vitest';
import { parseAlertmanagerPayload } from './parse-alertmanager.ts';
import { parseGrafanaPayload } from './parse-grafana.ts';
import { buildWebhook, buildWebhookAlert, readPayload } from './payload.fixture.ts';

interface Capture {
  readonly body: { readonly alerts: readonly unknown[]; readonly status: string };
}

describe('parseAlertmanagerPayload', () => {
  it('reads every request recorded from Alertmanager 0.33.1', () => {
    const captures = readPayload('alertmanager-0.33.1-captured') as Capture[];
    const batches = captures.map(({ body }) => parseAlertmanagerPayload(body));
    expect(batches.flatMap(({ rejected }) => rejected)).toEqual([]);
    expect(batches.map(({ events }) => events.length)).toEqual(
      captures.map(({ body }) => body.alerts.length),
    );
    expect(batches[0]?.events[0]).toEqual({
      source: 'alertmanager',
      status: 'firing',
      alertname: 'NodeHeapFloorHigh',
      labels: {
        alertname: 'NodeHeapFloorHigh',
        cluster: 'c1',
        instance: 'uuid-a',
        job: 'shop/checkout',
        severity: 'warning',
      },
      annotations: { description: 'Floor is 90%', summary: 'Heap floor high on uuid-a' },
      startsAt: '2026-11-22T10:45:20.118Z',
      endsAt: null,
      fingerprint: '249663c0b59b123b',
      floorRatio: null,
    });
    const resolved = batches.flatMap(({ events }) => events).find(({ status }) => status === 'resolved');
    expect(resolved?.endsAt).toMatch(/^2026-11-22T/);
  });

  it('reads the floor off the annotation', () => {
    const { events } = parseAlertmanagerPayload(readPayload('alertmanager-firing'));
    expect(events.map(({ floorRatio }) => floorRatio)).toEqual([0.8312]);
  });

  it('reads firing and resolved alerts of one batch, with fields of 0.34', () => {
    const { events } = parseAlertmanagerPayload(readPayload('alertmanager-mixed-0.34'));
    expect(events.map(({ status, endsAt }) => [status, endsAt])).toEqual([
      ['firing', null],
      ['resolved', '2026-11-22T11:00:15Z'],
    ]);
  });

  it('takes the zero time of an alert that ended as not said', () => {
    const alert = buildWebhookAlert({ status: 'resolved', endsAt: '0001-01-01T00:00:00Z' });
    expect(parseAlertmanagerPayload(buildWebhook(alert)).events[0]?.endsAt).toBeNull();
  });

  it('keeps fingerprint and begin from firing to resolved', () => {
    const [firing] = parseAlertmanagerPayload(readPayload('alertmanager-firing')).events;
    const [resolved] = parseAlertmanagerPayload(readPayload('alertmanager-resolved')).events;
    expect(resolved).toMatchObject({ fingerprint: firing?.fingerprint, startsAt: firing?.startsAt });
  });

  it.each([
    ['no labels', { labels: undefined }, 'labels'],
    ['a label that is no text', { labels: { alertname: 'A', instance: 1 } }, 'labels.instance'],
    ['no alertname', { labels: { instance: 'a' } }, 'alertname'],
    ['a time that is none', { startsAt: 'yesterday' }, 'startsAt'],
    ['an unknown status', { status: 'pending' }, 'status'],
    ['an oversized label', { labels: { alertname: 'A', instance: 'x'.repeat(8193) } }, 'labels.instance'],
    [
      'too many labels',
      { labels: Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`l${i}`, ''])) },
      'more than 128 labels',
    ],
  ])('loses the alert with %s and no other', (_what, wrong, reason) => {
    const batch = parseAlertmanagerPayload(buildWebhook(buildWebhookAlert(wrong), buildWebhookAlert()));
    expect(batch.events).toHaveLength(1);
    expect(batch.rejected).toEqual([{ index: 0, reason: expect.stringContaining(reason) as string }]);
  });

  it('cuts a long annotation instead of losing the alert', () => {
    const alert = buildWebhookAlert({ annotations: { description: 'x'.repeat(9000) } });
    const [event] = parseAlertmanagerPayload(buildWebhook(alert)).events;
    expect(event?.annotations['description']).toHaveLength(8192);
  });

  it.each([['-1'], ['11'], ['n/a'], ['']])('takes the floor %j as not said', (text) => {
    const alert = buildWebhookAlert({ annotations: { floor_ratio: text } });
    expect(parseAlertmanagerPayload(buildWebhook(alert)).events[0]?.floorRatio).toBeNull();
  });

  it('sends a Grafana body to the other hook', () => {
    expect(() => parseAlertmanagerPayload(readPayload('grafana-firing'))).toThrow('/hooks/grafana');
  });

  it.each([[null], [[]], ['text'], [{ alerts: {} }], [{ text: 'custom payload' }]])('refuses %j', (body) => {
    expect(() => parseAlertmanagerPayload(body)).toThrow(
      expect.objectContaining({ code: 'RECEIVER_PAYLOAD_INVALID' }) as Error,
    );
  });
});

describe('parseGrafanaPayload', () => {
  it('reads a firing alert with an offset and the value of the ratio query', () => {
    expect(parseGrafanaPayload(readPayload('grafana-firing')).events).toMatchObject([
      { source: 'grafana', startsAt: '2026-11-22T12:10:00+02:00', endsAt: null, floorRatio: 0.8312 },
    ]);
  });

  it('reads values that are null', () => {
    const { events, rejected } = parseGrafanaPayload(readPayload('grafana-missing-series'));
    expect(rejected).toEqual([]);
    expect(events).toMatchObject([
      { status: 'resolved', floorRatio: null, annotations: { grafana_state_reason: 'MissingSeries' } },
    ]);
  });

  it('takes the sentinel of a missing value as not said', () => {
    expect(parseGrafanaPayload(readPayload('grafana-no-data')).events).toMatchObject([
      { alertname: 'DatasourceNoData', floorRatio: null },
    ]);
  });

  it('tells legacy alerting by its rule name', () => {
    const body = { ruleName: 'Heap', evalMatches: [], state: 'alerting' };
    expect(() => parseGrafanaPayload(body)).toThrow(
      expect.objectContaining({ code: 'RECEIVER_PAYLOAD_LEGACY', status: 422 }) as Error,
    );
  });

  it('tells a custom payload by its missing alerts', () => {
    expect(() => parseGrafanaPayload({ text: 'heap is full' })).toThrow(
      expect.objectContaining({ code: 'RECEIVER_PAYLOAD_CUSTOM', status: 400 }) as Error,
    );
  });

  it('sends an Alertmanager body to the other hook', () => {
    expect(() => parseGrafanaPayload(readPayload('alertmanager-firing'))).toThrow('/hooks/alertmanager');
  });
});
