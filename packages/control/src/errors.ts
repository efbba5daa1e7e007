import { HeapfloorError, OptionsError, type ErrorKind } from '@heapfloor/contract/errors';

interface ErrorRow {
  /** HTTP status where the error answers a request; null where it ends a start or an operation. */
  readonly status: number | null;
  readonly kind: ErrorKind;
}

/** Every error of this package. The README table is tested against it. */
export const CONTROL_ERRORS = {
  CONTROL_OPTIONS_INVALID: { status: null, kind: 'caller' },
  CONTROL_ALREADY_STARTED: { status: null, kind: 'caller' },
  CONTROL_NOT_MAIN_THREAD: { status: null, kind: 'caller' },
  CONTROL_START_FAILED: { status: null, kind: 'internal' },
  CONTROL_THREAD_DIED: { status: null, kind: 'internal' },
  CONTROL_REQUEST_MALFORMED: { status: 400, kind: 'caller' },
  CONTROL_BODY_NOT_EMPTY: { status: 400, kind: 'caller' },
  CONTROL_COMMAND_INVALID: { status: 400, kind: 'caller' },
  CONTROL_TOKEN_MISSING: { status: 401, kind: 'caller' },
  CONTROL_TOKEN_MALFORMED: { status: 401, kind: 'caller' },
  CONTROL_SIGNATURE_INVALID: { status: 401, kind: 'caller' },
  CONTROL_COMMAND_EXPIRED: { status: 401, kind: 'caller' },
  CONTROL_COMMAND_TOO_LONG_LIVED: { status: 401, kind: 'caller' },
  CONTROL_AUDIENCE_WRONG: { status: 403, kind: 'caller' },
  CONTROL_ACTION_MISMATCH: { status: 403, kind: 'caller' },
  CONTROL_ORIGIN_FORBIDDEN: { status: 403, kind: 'caller' },
  CONTROL_KEY_LIMITED: { status: 403, kind: 'caller' },
  CONTROL_ROUTE_UNKNOWN: { status: 404, kind: 'caller' },
  CONTROL_CAPTURE_UNKNOWN: { status: 404, kind: 'caller' },
  CONTROL_ARTIFACT_UNKNOWN: { status: 404, kind: 'caller' },
  CONTROL_ISOLATE_UNKNOWN: { status: 404, kind: 'caller' },
  CONTROL_METHOD_NOT_ALLOWED: { status: 405, kind: 'caller' },
  CONTROL_REQUEST_TIMEOUT: { status: 408, kind: 'caller' },
  CONTROL_COMMAND_REPLAYED: { status: 409, kind: 'caller' },
  CONTROL_CAPTURE_RUNNING: { status: 409, kind: 'caller' },
  CONTROL_CAPTURE_NOT_STOPPABLE: { status: 409, kind: 'caller' },
  CONTROL_BODY_TOO_LARGE: { status: 413, kind: 'caller' },
  CONTROL_COMMANDS_TOO_MANY: { status: 429, kind: 'caller' },
  CONTROL_HEADERS_TOO_LARGE: { status: 431, kind: 'caller' },
  CONTROL_LEDGER_UNWRITABLE: { status: 503, kind: 'dependency' },
  CONTROL_MAIN_THREAD_UNRESPONSIVE: { status: 503, kind: 'dependency' },
  CONTROL_CAPTURE_FAILED: { status: null, kind: 'internal' },
  CONTROL_CAPTURE_INCOMPLETE: { status: null, kind: 'dependency' },
  CONTROL_DRAIN_TIMEOUT: { status: null, kind: 'dependency' },
  CONTROL_DRAIN_HOOK_FAILED: { status: null, kind: 'dependency' },
  CONTROL_CAPTURE_INTERRUPTED: { status: null, kind: 'dependency' },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type ControlErrorCode = keyof typeof CONTROL_ERRORS;

export class ControlError extends HeapfloorError {
  declare readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, cause?: unknown) {
    const { status, kind } = CONTROL_ERRORS[code];
    super(code, message, { kind, ...(status !== null && { status }), ...(cause !== undefined && { cause }) });
    this.name = 'ControlError';
  }
}

/** Options or environment that the control cannot start with: every problem at once. */
export class ControlOptionsError extends OptionsError {
  constructor(problems: readonly string[]) {
    super('CONTROL_OPTIONS_INVALID' satisfies ControlErrorCode, 'heapfloor control', problems);
    this.name = 'ControlOptionsError';
  }
}

/** A foreign text inside a message: on one line, and never so long that it hides the rest. */
export function cutText(text: string, maxLength = 80): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
