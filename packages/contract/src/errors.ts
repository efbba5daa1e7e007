/** How an error is answered: the caller's mistake, a failed dependency, or our own bug. */
export type ErrorKind = 'caller' | 'dependency' | 'internal';

/** Base of every error that Heapfloor throws on purpose. Across processes match `code`, never `instanceof`. */
export class HeapfloorError extends Error {
  /** Stable, unique, upper snake case, prefixed with its package: `RECEIVER_BODY_TOO_LARGE`. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** HTTP status where the error answers a request. */
  readonly status: number;

  /**
   * @param code - stable code.
   * @param message - what failed, the value seen (cut, never a secret), what to do.
   */
  constructor(
    code: string,
    message: string,
    options: { kind?: ErrorKind; status?: number; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'HeapfloorError';
    this.code = code;
    this.kind = options.kind ?? 'caller';
    this.status = options.status ?? (this.kind === 'caller' ? 400 : this.kind === 'dependency' ? 502 : 500);
  }
}

/** Wrong options or environment: every problem at once. */
export class OptionsError extends HeapfloorError {
  readonly problems: readonly string[];

  constructor(code: string, what: string, problems: readonly string[]) {
    super(code, `${what}: ${problems.length} problem(s)\n${problems.map((p) => `  - ${p}`).join('\n')}`);
    this.name = 'OptionsError';
    this.problems = problems;
  }
}

/** A body of `application/problem+json` (RFC 9457) with our `code`. */
export interface ProblemDetails {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** The HTTP face of any error; what is not ours is answered without its text. */
export function toProblemDetails(error: unknown): ProblemDetails {
  if (error instanceof HeapfloorError) {
    const { status, code, message: detail } = error;
    return { type: 'about:blank', title: code.toLowerCase().replaceAll('_', ' '), status, code, detail };
  }
  return {
    type: 'about:blank',
    title: 'internal error',
    status: 500,
    code: 'INTERNAL_ERROR',
    detail: 'An error that we did not foresee; the log of this process has it. Please report it.',
  };
}

/** A whole HTTP/1.1 response, for requests that are too broken for a server's own response object. */
export function formatProblemResponse(problem: ProblemDetails): string {
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'content-type: application/problem+json',
    `content-length: ${new TextEncoder().encode(body).length}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** One line of any thrown value, for logs and messages. */
export function describeError(error: unknown): string {
  if (error instanceof HeapfloorError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
