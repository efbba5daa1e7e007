import { describeError, HeapfloorError, toProblemDetails, type ProblemDetails } from '@heapfloor/contract';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { cutText, ReceiverError } from '../errors.ts';
import type { LogEvent } from '../log.ts';

export interface ErrorHandlerDependencies {
  readonly logEvent: LogEvent;
  readonly renderPage: (problem: ProblemDetails, response: Response) => Promise<string>;
}

/** Paths that programs call; everything else may be a person with a browser. */
const MACHINE_PATH = /^\/(api|hooks|v1|assets|healthz|readyz)(\/|$)/;
const RETRY_AFTER_SECONDS = 30;

/** Every refusal and failure: one line in the log, and a problem or a page for whoever asked. */
export function handleError({ logEvent, renderPage }: ErrorHandlerDependencies): ErrorRequestHandler {
  return async (thrown: unknown, request, response, next) => {
    if (response.headersSent) return next(thrown);
    const error = fromLibrary(thrown);
    const problem = toProblemDetails(error);
    logRefusal(error, problem, { request, logEvent });
    response.status(problem.status);
    if (problem.status === 503) response.set('Retry-After', String(RETRY_AFTER_SECONDS));
    if (wantsPage(request)) response.type('html').send(await renderPage(problem, response));
    else response.type('application/problem+json').send(JSON.stringify(problem));
  };
}

function wantsPage(request: Request): boolean {
  return !MACHINE_PATH.test(request.path) && request.accepts(['json', 'html']) === 'html';
}

function logRefusal(
  error: unknown,
  { code, status }: ProblemDetails,
  { request, logEvent }: { request: Request; logEvent: LogEvent },
): void {
  logEvent(status >= 500 ? 'error' : 'warn', 'refused', {
    code,
    status,
    method: request.method,
    path: cutText(request.path),
    remoteAddress: request.socket.remoteAddress,
    error: describeError(error),
    ...(error instanceof HeapfloorError ? {} : { stack: error instanceof Error ? error.stack : undefined }),
  });
}

/** What body-parser, send and Express itself throw has a `status` and sometimes a `type` (as the package http-errors makes them). */
function fromLibrary(error: unknown): unknown {
  if (error instanceof HeapfloorError || !(error instanceof Error)) return error;
  const { status, type } = error as Error & { status?: unknown; type?: unknown };
  if (type === 'entity.too.large') {
    return new ReceiverError(
      'RECEIVER_BODY_TOO_LARGE',
      'The body is above 10 MB. Set max_alerts in the sender.',
    );
  }
  if (status === 415) {
    return new ReceiverError(
      'RECEIVER_CONTENT_TYPE',
      `The Content-Encoding is not known here (${cutText(error.message)}).`,
    );
  }
  if (status === 404) return new ReceiverError('RECEIVER_NOT_FOUND', 'There is no such file here.');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ReceiverError(
      'RECEIVER_BODY_INVALID',
      `The request cannot be read (${cutText(error.message)}).`,
      { cause: error },
    );
  }
  return error;
}
