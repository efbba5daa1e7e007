import { HeapfloorError, type ErrorKind } from '@heapfloor/contract';

interface ErrorFacts {
  readonly kind: ErrorKind;
  readonly status: number;
  /** One sentence for the README's table. */
  readonly meaning: string;
}

function caller(status: number, meaning: string): ErrorFacts {
  return { kind: 'caller', status, meaning };
}

function dependency(status: number, meaning: string): ErrorFacts {
  return { kind: 'dependency', status, meaning };
}

/** Every code of this package; the README's table is printed from it. */
export const RECEIVER_ERRORS = {
  RECEIVER_OPTIONS: caller(400, 'The receiver cannot start; every problem of options and files is listed.'),
  RECEIVER_LISTEN: dependency(500, 'The address cannot be listened on.'),
  RECEIVER_KEY_FILE: caller(400, 'The key that signs commands cannot be read or is no Ed25519 key.'),
  RECEIVER_ADDRESS_INVALID: caller(
    400,
    'A control address is neither a Unix socket nor a loopback or private address.',
  ),
  RECEIVER_HOST_REFUSED: caller(403, 'On loopback, the Host header is not a loopback name (DNS rebinding).'),
  RECEIVER_AUTH_NOT_CONFIGURED: caller(403, 'The endpoint is closed: no credential is configured for it.'),
  RECEIVER_AUTH_REQUIRED: caller(401, 'The credential is missing or wrong.'),
  RECEIVER_SIGNATURE_INVALID: caller(401, 'The HMAC signature is missing or does not fit the body.'),
  RECEIVER_TIMESTAMP_INVALID: caller(401, 'The signed timestamp is missing or more than 300 s off.'),
  RECEIVER_REQUEST_REPLAYED: caller(409, 'The same signed request was seen before.'),
  RECEIVER_CONTENT_TYPE: caller(415, 'The body is not uncompressed or gzipped JSON.'),
  RECEIVER_BODY_TOO_LARGE: caller(413, 'The body is above 10 MB.'),
  RECEIVER_REQUEST_MALFORMED: caller(400, 'Not HTTP, or headers larger than Node takes.'),
  RECEIVER_BODY_INVALID: caller(400, 'The body is cut, empty, or no JSON.'),
  RECEIVER_PAYLOAD_INVALID: caller(422, 'The JSON has not the shape of the endpoint.'),
  RECEIVER_PAYLOAD_CUSTOM: caller(400, 'Grafana sent a custom payload; the default one is needed.'),
  RECEIVER_PAYLOAD_LEGACY: caller(422, 'Grafana sent a legacy alert; unified alerting is needed.'),
  RECEIVER_PAYLOAD_WRONG_HOOK: caller(422, 'The payload belongs to the other hook.'),
  RECEIVER_QUERY_INVALID: caller(400, 'A query parameter is wrong.'),
  RECEIVER_NOT_FOUND: caller(404, 'There is no such route, capture or file.'),
  RECEIVER_METHOD_NOT_ALLOWED: caller(405, 'The route does not know the method.'),
  RECEIVER_OVERLOADED: dependency(503, 'Too many open captures; Alertmanager retries by itself.'),
  RECEIVER_DRAINING: dependency(503, 'The receiver is stopping.'),
  RECEIVER_CONTROL_UNREACHABLE: dependency(502, 'The control endpoint of the app does not answer.'),
  RECEIVER_CONTROL_UNAVAILABLE: dependency(502, 'The control endpoint answered 5xx.'),
  RECEIVER_CONTROL_REFUSED: dependency(502, 'The control endpoint answered 4xx or a redirect.'),
  RECEIVER_CONTROL_ANSWER_INVALID: dependency(
    502,
    'The control endpoint answered something else than the protocol says.',
  ),
  RECEIVER_CONTROL_TIMEOUT: dependency(504, 'The capture did not end before its deadline.'),
  RECEIVER_OPERATION_LOST: dependency(
    502,
    'The app no longer knows an accepted capture: it restarted or died.',
  ),
  RECEIVER_CAPTURE_FAILED: dependency(502, 'The app accepted the capture and failed at it.'),
  RECEIVER_ARTIFACT_MISMATCH: dependency(
    502,
    'A downloaded artifact has not the size or hash of its manifest.',
  ),
  RECEIVER_ARTIFACT_STORE: dependency(500, 'An artifact cannot be written to the data directory.'),
  RECEIVER_ANALYSIS_FAILED: dependency(500, 'The artifacts are safe, their analysis failed.'),
  RECEIVER_TARGET_GONE: dependency(502, 'The target of a queued capture is no longer in the targets file.'),
  RECEIVER_ATTEMPTS_EXHAUSTED: dependency(502, 'A capture was started as often as allowed and never ended.'),
  RECEIVER_PROMETHEUS: dependency(502, 'Prometheus did not answer the query for the floor history.'),
} as const satisfies Record<string, ErrorFacts>;

export type ReceiverErrorCode = keyof typeof RECEIVER_ERRORS;

/** Everything that this package throws on purpose; told apart by its code. */
export class ReceiverError extends HeapfloorError {
  constructor(code: ReceiverErrorCode, message: string, options: { cause?: unknown } = {}) {
    const { kind, status } = RECEIVER_ERRORS[code];
    super(code, message, { kind, status, ...options });
    this.name = 'ReceiverError';
  }
}

/** A value as it may stand in a message: short, on one line. */
export function cutText(value: string, maxLength = 120): string {
  const line = value.replaceAll(/\s+/g, ' ');
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}
