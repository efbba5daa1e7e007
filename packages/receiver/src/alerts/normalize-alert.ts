import { alertEvent, labelSet, type AlertEvent } from '@heapfloor/contract';
import { z } from 'zod';
import { cutText } from '../errors.ts';

/** A batch of alerts: what could be read, and what could not and why. */
export interface ParsedBatch {
  readonly events: readonly AlertEvent[];
  readonly rejected: readonly { readonly index: number; readonly reason: string }[];
}

/** What Alertmanager and Grafana say about one alert alike; other fields pass unread. */
const webhookAlert = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: labelSet,
  annotations: z.record(z.string(), z.string()).nullish(),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }).nullish(),
  fingerprint: z.string(),
  values: z.record(z.string(), z.unknown()).nullish(),
});

const MAX_ANNOTATIONS = 128;
const MAX_ANNOTATION_LENGTH = 8192;
/** Annotation that our rules set; annotations do not change an alert's identity, a label would. */
const FLOOR_RATIO_ANNOTATION = 'floor_ratio';
/** Query that our Grafana rule computes the ratio with. */
const GRAFANA_RATIO_REF_ID = 'A';

/** Each alert by itself, so that one bad alert does not lose its batch. */
export function normalizeAlerts(alerts: readonly unknown[], source: 'alertmanager' | 'grafana'): ParsedBatch {
  const events: AlertEvent[] = [];
  const rejected: { index: number; reason: string }[] = [];
  for (const [index, alert] of alerts.entries()) {
    const result = normalizeAlert(alert, source);
    if (typeof result === 'string') rejected.push({ index, reason: result });
    else events.push(result);
  }
  return { events, rejected };
}

/** The first issues in one line: where, and what was expected. */
export function describeIssues(error: z.ZodError): string {
  const shown = error.issues.slice(0, 3).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return cutText(shown.join('; '), 300);
}

/** The event, or why there is none. */
function normalizeAlert(input: unknown, source: 'alertmanager' | 'grafana'): AlertEvent | string {
  const parsed = webhookAlert.safeParse(input);
  if (!parsed.success) return describeIssues(parsed.error);
  const { status, labels, startsAt, endsAt, fingerprint, values } = parsed.data;
  const annotations = boundAnnotations(parsed.data.annotations ?? {});
  const event = alertEvent.safeParse({
    source,
    status,
    alertname: labels['alertname'],
    labels,
    annotations,
    startsAt,
    endsAt: status === 'firing' ? null : withoutZeroTime(endsAt),
    fingerprint,
    floorRatio:
      ratioFromText(annotations[FLOOR_RATIO_ANNOTATION]) ?? ratioFrom(values?.[GRAFANA_RATIO_REF_ID]),
  });
  return event.success ? event.data : describeIssues(event.error);
}

/** Annotations are prose: a long one is cut, it never loses the alert as a wrong label does. */
function boundAnnotations(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const bounded = Object.entries(annotations)
    .filter(([name]) => name.length > 0 && name.length <= 256)
    .slice(0, MAX_ANNOTATIONS)
    .map(([name, text]) => [name, text.length > MAX_ANNOTATION_LENGTH ? cut(text) : text] as const);
  return Object.fromEntries(bounded);
}

function cut(text: string): string {
  return `${text.slice(0, MAX_ANNOTATION_LENGTH - 1)}…`;
}

/** Go's zero time says "none": `0001-01-01T00:00:00Z`. */
function withoutZeroTime(time: string | null | undefined): string | null {
  return time === undefined || time === null || time.startsWith('0001-') ? null : time;
}

function ratioFromText(text: string | undefined): number | null {
  return text === undefined || text.trim() === '' ? null : ratioFrom(Number(text));
}

/** Grafana's sentinel for "no data" is -1; what cannot be a ratio says nothing. */
function ratioFrom(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= 10 ? value : null;
}
