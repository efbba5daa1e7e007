import { HeapfloorError, type ErrorKind } from '@heapfloor/contract/errors';

/** Every code with its HTTP status; the README explains each. */
const STATUS = {
  CONTROL_OPTIONS: 400,
  CONTROL_START_FAILED: 500,
  CONTROL_BODY_TOO_LARGE: 413,
  CONTROL_BODY_UNEXPECTED: 400,
  CONTROL_CAPTURE_FAILED: 500,
  CONTROL_CAPTURE_INTERRUPTED: 500,
  CONTROL_CAPTURE_RUNNING: 409,
  CONTROL_CAPTURE_SHORTENED: 200,
  CONTROL_COMMAND_EXPIRED: 401,
  CONTROL_COMMAND_INVALID: 400,
  CONTROL_COMMAND_MISDIRECTED: 403,
  CONTROL_COMMAND_REPLAYED: 409,
  CONTROL_COMMAND_TOO_LONG_LIVED: 401,
  CONTROL_COMMAND_UNSIGNED: 401,
  CONTROL_HOST_REFUSED: 403,
  CONTROL_METHOD_NOT_ALLOWED: 405,
  CONTROL_NOT_FOUND: 404,
} as const;

export type ControlErrorCode = keyof typeof STATUS;
export const CONTROL_ERROR_CODES = Object.keys(STATUS) as readonly ControlErrorCode[];

export class ControlError extends HeapfloorError {
  declare readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, options: { kind?: ErrorKind; cause?: unknown } = {}) {
    super(code, message, { status: STATUS[code], ...options });
    this.name = 'ControlError';
  }
}
