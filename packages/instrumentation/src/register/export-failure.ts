import { hideCredentials } from './env-values.ts';

/** Values of `error.type`; few, since each is a series. */
export type ExportFailureType = 'timeout' | 'connection' | 'http' | 'rejected' | 'other';

export interface ExportFailure {
  readonly type: ExportFailureType;
  /** For a person; holds no credentials. */
  readonly reason: string;
}

/** An error that knows its type. */
export class ExportError extends Error {
  readonly failureType: ExportFailureType;

  constructor(failureType: ExportFailureType, message: string) {
    super(message);
    this.name = 'ExportError';
    this.failureType = failureType;
  }
}

/** Errors of the SDK's exporter: of its HTTP client, of Node's sockets and of its own making. */
interface AnyExportError extends Error {
  /** A number is the HTTP status. */
  readonly code?: string | number;
  /** Body of the answer. */
  readonly data?: string;
}

/** What went wrong with an export, for a metric and for a person. */
export function describeExportFailure(error: unknown): ExportFailure {
  if (!(error instanceof Error)) return { type: 'other', reason: clean(String(error)) };
  if (error instanceof ExportError) return { type: error.failureType, reason: clean(error.message) };
  const { code, data = '' } = error as AnyExportError;
  if (typeof code === 'number') {
    return { type: 'http', reason: clean(`HTTP ${code} ${error.message}${describeBody(code, data)}`) };
  }
  // `localhost` fails with one error per address and an empty message of its own; its code says it.
  const message = error.message === '' ? (code ?? error.name) : error.message;
  return { type: typeOf(code, message), reason: clean(`${message}${hintOf(code)}`) };
}

function typeOf(code: string | undefined, message: string): ExportFailureType {
  if (code === 'ETIMEDOUT' || message === 'Request timed out') return 'timeout';
  // All earlier requests hang still.
  if (message === 'Concurrent export limit reached') return 'timeout';
  if (code === undefined) return 'other';
  if (code.startsWith('HPE_')) return 'http';
  // Node refuses its own arguments by these, before anything is sent.
  return /^ERR_(?:INVALID|HTTP|UNESCAPED)/.test(code) ? 'other' : 'connection';
}

/** A server that does not speak HTTP/1.1 is most often the receiver of OTLP over gRPC, one port below. */
function hintOf(code: string | undefined): string {
  return code?.startsWith('HPE_') === true ? '; not HTTP/1.1: is it the port of gRPC (4317)?' : '';
}

/** Why a collector refused is in its answer; what it says about keys it may repeat, and is left out. */
function describeBody(status: number, body: string): string {
  const text = body.trim();
  const isAboutKeys = status === 401 || status === 403 || status === 407;
  return text === '' || text.startsWith('<') || isAboutKeys ? '' : `: ${text.slice(0, 200)}`;
}

/** Answers may be binary. */
function clean(text: string): string {
  return hideCredentials(text.replaceAll(/[^\P{C}\n\t]/gu, '').slice(0, 400));
}
