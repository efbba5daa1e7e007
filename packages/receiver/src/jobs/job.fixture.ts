import { episodeKey, type AlertEvent, type CaptureRecord } from '@heapfloor/contract';
import { ALERT_AT, buildEvent } from '../alerts/payload.fixture.ts';
import { createRecord } from './create-record.ts';
import type { NewJob } from './job-store.ts';

export const ALERT_MS = Date.parse(ALERT_AT);

/** A moment after the alert. */
export function after(seconds: number): Date {
  return new Date(ALERT_MS + seconds * 1000);
}

export function buildQueuedRecord(event: AlertEvent = buildEvent(), now = after(0)): CaptureRecord {
  const target = {
    instance: 'shop-1',
    service: 'shop',
    version: null,
    address: 'unix:/run/shop.sock',
    match: {},
  };
  return createRecord({
    event,
    target,
    requestedKind: 'heap-snapshot',
    floorSamples: [],
    version: null,
    now,
  });
}

export function buildJob(differs: Partial<NewJob> & { event?: AlertEvent } = {}): NewJob {
  const { event = buildEvent(), ...rest } = differs;
  const now = rest.now ?? after(0);
  return {
    record: buildQueuedRecord(event, now),
    episodeKey: episodeKey(event),
    cooldownKey: 'shop-1',
    cooldownMs: 60_000,
    now,
    ...rest,
  };
}
