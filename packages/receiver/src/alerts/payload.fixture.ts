import { readFileSync } from 'node:fs';
import type { AlertEvent } from '@heapfloor/contract';

/** Bodies as the senders make them; where they come from stands in `payloads/README.md`. */
export function readPayload(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`payloads/${name}.json`, import.meta.url), 'utf8'));
}

export const ALERT_AT = '2026-11-22T10:45:20.118Z';

export function buildEvent(differs: Partial<AlertEvent> = {}): AlertEvent {
  return {
    source: 'alertmanager',
    status: 'firing',
    alertname: 'NodejsHeapFloorHigh',
    labels: { alertname: 'NodejsHeapFloorHigh', instance: 'shop-1', job: 'shop' },
    annotations: {},
    startsAt: ALERT_AT,
    endsAt: null,
    fingerprint: '249663c0b59b123b',
    floorRatio: 0.83,
    ...differs,
  };
}

/** One alert as Alertmanager sends it. */
export function buildWebhookAlert(differs: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    status: 'firing',
    labels: { alertname: 'NodejsHeapFloorHigh', instance: 'shop-1', job: 'shop' },
    annotations: { floor_ratio: '0.8312' },
    startsAt: ALERT_AT,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: '249663c0b59b123b',
    ...differs,
  };
}

export function buildWebhook(...alerts: readonly unknown[]): Record<string, unknown> {
  return { version: '4', status: 'firing', receiver: 'heapfloor', truncatedAlerts: 0, alerts };
}
