import { z } from 'zod';

/** A label or annotation set. Untrusted: bounded in number and length, and only ever shown escaped. */
export const labelSet = z
  .record(z.string().min(1).max(256), z.string().max(8192))
  .refine((labels) => Object.keys(labels).length <= 128, { error: 'more than 128 labels' });

/** One alert as every source is normalised to. */
export const alertEvent = z.strictObject({
  source: z.enum(['alertmanager', 'grafana', 'embedded']),
  status: z.enum(['firing', 'resolved']),
  alertname: z.string().min(1).max(256),
  labels: labelSet,
  annotations: labelSet,
  /** When the episode began; with the fingerprint the identity of an episode. */
  startsAt: z.iso.datetime({ offset: true }),
  /** Null while firing. */
  endsAt: z.iso.datetime({ offset: true }).nullable(),
  /** Hash of the label set, made by the source; stable from firing to resolved. */
  fingerprint: z.string().min(1).max(128),
  /** Floor utilization when the alert fired, if the source said it. Unit: 1. */
  floorRatio: z.number().min(0).max(10).nullable(),
});

export type AlertEvent = z.output<typeof alertEvent>;

/** Identity of an alert episode: repeats and the resolved notice share it. */
export function episodeKey(alert: Pick<AlertEvent, 'source' | 'fingerprint' | 'startsAt'>): string {
  return `${alert.source}/${alert.fingerprint}/${new Date(alert.startsAt).toISOString()}`;
}
