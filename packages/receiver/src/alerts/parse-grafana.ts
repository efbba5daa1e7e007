import { z } from 'zod';
import { ReceiverError } from '../errors.ts';
import { normalizeAlerts, type ParsedBatch } from './normalize-alert.ts';

/** Grafana Alerting's webhook, version 1 (`receivers/webhook/v1/webhook.go` of grafana/alerting). */
const envelope = z.looseObject({ alerts: z.array(z.unknown()) });
/** Alerting before Grafana 11: one flat object, no list of alerts. */
const legacyEnvelope = z.looseObject({ ruleName: z.string(), evalMatches: z.unknown() });

/** @throws ReceiverError when the body as a whole cannot be read; a single bad alert is listed instead. */
export function parseGrafanaPayload(body: unknown): ParsedBatch {
  if (legacyEnvelope.safeParse(body).success) {
    throw new ReceiverError(
      'RECEIVER_PAYLOAD_LEGACY',
      'The body is an alert of Grafana’s legacy alerting (removed in Grafana 11). Use unified alerting.',
    );
  }
  const parsed = envelope.safeParse(body);
  if (!parsed.success) {
    throw new ReceiverError(
      'RECEIVER_PAYLOAD_CUSTOM',
      'The body has no list `alerts`: it looks like a Grafana custom payload. Remove the payload template from the contact point.',
    );
  }
  if (parsed.data['version'] === '4' && parsed.data['orgId'] === undefined) {
    throw new ReceiverError(
      'RECEIVER_PAYLOAD_WRONG_HOOK',
      'The body is an Alertmanager webhook. Point the webhook_config to /hooks/alertmanager.',
    );
  }
  return normalizeAlerts(parsed.data.alerts, 'grafana');
}
