import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  describeError,
  toProblemDetails,
  type CaptureResponse,
  type ControlCommand,
} from '@heapfloor/contract';
import type { Captures } from '../capture/captures.ts';
import type { OperationStore } from '../capture/operation-store.ts';
import { ControlError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Authenticate } from './authenticate.ts';
import { readEmptyBody } from './read-empty-body.ts';
import { assertFits, findRoute, type Route } from './routes.ts';
import { sendArtifact } from './send-artifact.ts';

export interface HandlerOptions {
  readonly authenticate: Authenticate;
  readonly captures: Captures;
  readonly store: OperationStore;
  /** For `GET /healthz`. */
  readonly readHealth: () => Promise<object>;
  /** Values of the Host header that are answered; null on a Unix socket. */
  readonly allowedHosts: readonly string[] | null;
  readonly log: Log;
}

export function createHandler(options: HandlerOptions): RequestListener {
  return (request, response) => {
    handle(options, request, response).catch((error: unknown) => {
      const problem = toProblemDetails(error);
      const { method = '' } = request;
      options.log('refused', {
        method,
        status: problem.status,
        code: problem.code,
        error: describeError(error),
      });
      if (response.headersSent) response.destroy();
      // What is left of an oversized body is not read.
      else sendJson(response, problem.status, problem, request.complete ? {} : { connection: 'close' });
    });
  };
}

async function handle(
  options: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  checkOrigin(options.allowedHosts, request);
  const route = findRoute(request.method ?? '', request.url ?? '');
  if (route.name === 'health') {
    sendJson(response, 200, await options.readHealth());
    return;
  }
  await readEmptyBody(request);
  const { command, useUp } = await options.authenticate(request);
  assertFits(route, command);
  useUp();
  if (command.action === 'capture') await start(options, command, response);
  else await useOperation(options, route, response);
}

async function start(
  { captures }: HandlerOptions,
  command: Extract<ControlCommand, { action: 'capture' }>,
  response: ServerResponse,
): Promise<void> {
  const answer = await captures.start(command);
  sendJson(response, answer.operation?.state === 'running' ? 202 : 200, answer);
}

async function useOperation(options: HandlerOptions, route: Route, response: ServerResponse): Promise<void> {
  if (!('captureId' in route)) return;
  const found = findOperation(options.store, route.captureId);
  if (route.name === 'artifact') {
    const manifest = found.operation?.artifacts.find((artifact) => artifact.fileName === route.fileName);
    await sendArtifact(response, options.store.directory, manifest);
  } else if (route.action === 'read') sendJson(response, 200, found);
  else {
    deleteArtifacts(options, route.captureId);
    response.writeHead(204).end();
  }
}

function findOperation(store: OperationStore, captureId: string): CaptureResponse {
  const found = store.find(captureId);
  if (found !== null) return found;
  throw new ControlError('CONTROL_CAPTURE_UNKNOWN', `This instance knows no capture ${captureId}.`);
}

function deleteArtifacts({ captures, store }: HandlerOptions, captureId: string): void {
  if (captures.isRunning(captureId)) {
    throw new ControlError(
      'CONTROL_CAPTURE_RUNNING',
      `Capture ${captureId} is still running; delete it afterwards.`,
    );
  }
  store.deleteArtifacts(captureId);
}

/** A web page whose name was made to resolve to 127.0.0.1 still sends its own name as Host, or an Origin. */
function checkOrigin(
  allowedHosts: readonly string[] | null,
  { headers: { host = '', origin } }: IncomingMessage,
): void {
  if (allowedHosts === null || (allowedHosts.includes(host) && origin === undefined)) return;
  throw new ControlError(
    'CONTROL_ORIGIN_FORBIDDEN',
    'Requests must name this host and come from no web page.',
  );
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      ...headers,
    })
    .end(text);
}
