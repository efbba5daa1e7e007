import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ReceiverErrorCode } from '../errors.ts';

export interface SignedRequest {
  readonly rawBody: Buffer;
  readonly signature: string | undefined;
  /** Unix seconds as text. */
  readonly timestamp: string | undefined;
}

/** Clocks of two hosts, and Grafana's own 30 s. Unit: s. */
const MAX_SKEW_SECONDS = 300;

/**
 * Grafana's HMAC (grafana/alerting `http/hmac.go`): SHA-256 over `<unix seconds>:<raw body>`, bare lower-case hex. That the
 * time is signed is our configuration and never read off the request: who strips the header must not strip the check.
 * Returns the code of the refusal, null when the request is genuine.
 */
export function verifyGrafanaSignature(
  { rawBody, signature, timestamp }: SignedRequest,
  secrets: readonly string[],
  now: Date,
): ReceiverErrorCode | null {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return 'RECEIVER_TIMESTAMP_INVALID';
  if (signature === undefined || !/^[0-9a-f]{64}$/.test(signature)) return 'RECEIVER_SIGNATURE_INVALID';
  const seen = Buffer.from(signature, 'hex');
  const fits = secrets.map((secret) => timingSafeEqual(seen, sign(secret, timestamp, rawBody)));
  if (!fits.includes(true)) return 'RECEIVER_SIGNATURE_INVALID';
  const skewSeconds = Math.abs(Math.floor(now.getTime() / 1000) - Number(timestamp));
  return skewSeconds > MAX_SKEW_SECONDS ? 'RECEIVER_TIMESTAMP_INVALID' : null;
}

function sign(secret: string, timestamp: string, rawBody: Buffer): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}:`).update(rawBody).digest();
}
