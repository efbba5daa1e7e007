import { z } from 'zod';
import { ReceiverError } from '../errors.ts';
import { describeIssues, normalizeAlerts, type ParsedBatch } from './normalize-alert.ts';

/**
 * Alertmanager's webhook, version 4 (`template/template.go` and `notify/webhook/webhook.go` of prometheus/alertmanager).
 * Fields were added in 0.32 (`notification_reason`) and 0.34 (`routeLabels`), so unknown ones pass.
 */
const envelope = z.looseObject({ alerts: z.array(z.unknown()) });

/** @throws ReceiverError when the body as a whole cannot be read; a single bad alert is listed instead. */
export function parseAlertmanagerPayload(body: unknown): ParsedBatch {
  const parsed = envelope.safeParse(body);
  if (!parsed.success) {
    throw new ReceiverError(
      'RECEIVER_PAYLOAD_INVALID',
      `The body is no Alertmanager webhook of version 4 (${describeIssues(parsed.error)}). Remove \`payload:\` from the webhook_config if it is set.`,
    );
  }
  if (parsed.data['version'] === '1' || typeof parsed.data['orgId'] === 'number') {
    throw new ReceiverError(
      'RECEIVER_PAYLOAD_WRONG_HOOK',
      'The body is a Grafana webhook. Point the contact point to /hooks/grafana.',
    );
  }
  return normalizeAlerts(parsed.data.alerts, 'alertmanager');
}
