import { randomBytes } from 'node:crypto';
import type { AlertEvent, CaptureKind, CaptureRecord, FloorSample } from '@heapfloor/contract';
import { formatRatio } from '../quantity-text.ts';
import type { Target } from '../targets/target.ts';
import { withEntry } from './record-changes.ts';

const SOURCE_NAMES: Readonly<Record<AlertEvent['source'], string>> = {
  alertmanager: 'Alertmanager',
  grafana: 'Grafana',
  embedded: 'the embedded rule',
};

export interface NewRecord {
  readonly event: AlertEvent;
  readonly target: Target;
  readonly requestedKind: CaptureKind;
  readonly floorSamples: readonly FloorSample[];
  /** As the app itself told it; the targets file may be older. */
  readonly version: string | null;
  readonly now: Date;
}

/** The record of an alert that was accepted, before anything was done about it. */
export function createRecord({
  event,
  target,
  requestedKind,
  floorSamples,
  version,
  now,
}: NewRecord): CaptureRecord {
  const record: CaptureRecord = {
    id: createCaptureId(now),
    state: 'queued',
    alert: event,
    target: { instance: target.instance, service: target.service, version: version ?? target.version },
    requestedKind,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    attempts: 0,
    verdict: null,
    artifacts: [],
    report: null,
    allocations: null,
    floorSamples: [...floorSamples],
    timeline: [],
    error: null,
  };
  const alerted = withEntry(record, new Date(event.startsAt), ['alert', describeAlert(event)]);
  return withEntry(alerted, now, [
    'accepted',
    `Selected ${target.instance} of ${target.service}; ${requestedKind} will be asked for.`,
  ]);
}

/** How the alert reads in a sentence; also used for a second source that tells of the same. */
export function describeAlert(event: AlertEvent): string {
  const ratio = event.floorRatio === null ? '' : `: floor at ${formatRatio(event.floorRatio)} of the limit`;
  return `${event.alertname} from ${SOURCE_NAMES[event.source]}${ratio}.`;
}

/** Sorts by time, cannot be guessed, and is safe as a file name: `m3x9k2f1-5b0c9d…`. */
function createCaptureId(now: Date): string {
  return `${now.getTime().toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}`;
}
