import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CaptureCommand, CaptureKind, CaptureResponse } from '@heapfloor/contract';
import { describeError, toProblemDetails } from '@heapfloor/contract/errors';
import type { Captures } from '../capture/captures.ts';
import type { OperationStore } from '../capture/operation-store.ts';
import { ControlError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Authenticate, Authenticated } from './authenticate.ts';
import type { HostCheck } from './host-check.ts';
import { assertInScope, assertMayReset } from './key-scope.ts';
import { readEmptyBody } from './read-empty-body.ts';
import { allowedMethods, assertFits, findRoute, type Route } from './routes.ts';
import { sendArtifact } from './send-artifact.ts';

export interface HandlerOptions {
  readonly authenticate: Authenticate;
  readonly captures: Captures;
  readonly store: Pick<OperationStore, 'directory' | 'find' | 'deleteArtifacts'>;
  /** For `GET /healthz`. */
  readonly readHealth: () => Promise<object>;
  /** Null on a Unix socket, which no web page reaches. */
  readonly isAllowedHost: HostCheck | null;
  readonly log: Log;
}

export function createHandler(options: HandlerOptions): RequestListener {
  return (request, response) => {
    handle(options, request, response).catch((error: unknown) =>
      refuse(options, request, { response, error }),
    );
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly by: Authenticated;
}

async function handle(
  options: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  checkOrigin(options.isAllowedHost, request);
  const route = findRoute(request.method ?? '', request.url ?? '');
  if (route.name === 'health') {
    sendJson(response, 200, await options.readHealth());
    return;
  }
  await readEmptyBody(request);
  const by = await options.authenticate(request);
  assertFits(route, by.command);
  by.useUp();
  await answer(options, route, { request, response, by });
}

async function answer(
  options: HandlerOptions,
  route: Exclude<Route, { name: 'health' }>,
  exchange: Exchange,
): Promise<void> {
  const { response, by } = exchange;
  const { command, keyId, keyKinds } = by;
  // Of reads only those that take evidence out of the app: a receiver polls.
  if (route.action !== 'read')
    options.log('command', { action: route.action, keyId, ...subjectOf(route, by) });
  switch (route.name) {
    case 'start':
      return command.action === 'capture' ? start(options, command, exchange) : undefined;
    case 'reset':
      assertMayReset(keyKinds);
      if (command.action === 'reset') options.captures.reset(command.kind, keyId);
      response.writeHead(204).end();
      return undefined;
    case 'stop':
      return stop(options, route.captureId, exchange);
    case 'artifact': {
      const { captureId, fileName } = route;
      const { operation } = findInScope(options, captureId, keyKinds);
      const manifest = operation?.artifacts.find((artifact) => artifact.fileName === fileName);
      options.log('artifact-read', { captureId, fileName, keyId });
      return sendArtifact(exchange.request, response, { directory: options.store.directory, manifest });
    }
    case 'operation':
      return useOperation(options, route, exchange);
  }
}

async function start(
  { captures, store }: HandlerOptions,
  command: CaptureCommand,
  { response, by: { keyKinds, keyId } }: Exchange,
): Promise<void> {
  const known = store.find(command.captureId);
  if (known !== null) assertInScope(keyKinds, known);
  const result = await captures.start(command, { keyKinds, keyId });
  sendJson(response, result.operation?.state === 'running' ? 202 : 200, result);
}

function stop(options: HandlerOptions, captureId: string, { response, by }: Exchange): void {
  findInScope(options, captureId, by.keyKinds);
  const isStopping = options.captures.stop(captureId);
  if (!isStopping && options.captures.isRunning(captureId)) {
    throw new ControlError(
      'CONTROL_CAPTURE_NOT_STOPPABLE',
      `Capture ${captureId} can't be stopped: V8 ends a heap snapshot by itself only.`,
    );
  }
  sendJson(response, isStopping ? 202 : 200, findInScope(options, captureId, by.keyKinds));
}

function useOperation(
  options: HandlerOptions,
  { action, captureId }: Extract<Route, { name: 'operation' }>,
  { response, by }: Exchange,
): void {
  const found = findInScope(options, captureId, by.keyKinds);
  if (action === 'read') {
    sendJson(response, 200, found);
    return;
  }
  if (options.captures.isRunning(captureId)) {
    throw new ControlError(
      'CONTROL_CAPTURE_RUNNING',
      `Capture ${captureId} is still running; delete it afterwards.`,
    );
  }
  options.store.deleteArtifacts(captureId);
  response.writeHead(204).end();
}

function findInScope(
  { store }: HandlerOptions,
  captureId: string,
  keyKinds: readonly CaptureKind[] | null,
): CaptureResponse {
  const found = store.find(captureId);
  if (found === null) {
    throw new ControlError('CONTROL_CAPTURE_UNKNOWN', `This instance knows no capture ${captureId}.`);
  }
  assertInScope(keyKinds, found);
  return found;
}

function subjectOf(route: Route, { command }: Authenticated): Record<string, string> {
  return {
    ...('captureId' in command && { captureId: command.captureId }),
    ...('kind' in command && { kind: command.kind }),
    ...(route.name === 'artifact' && { fileName: route.fileName }),
  };
}

/** A web page whose name was made to resolve to this machine still sends its own name as Host, or an Origin. */
function checkOrigin(
  isAllowedHost: HostCheck | null,
  { headers: { host = '', origin } }: IncomingMessage,
): void {
  if (isAllowedHost === null || (origin === undefined && isAllowedHost(host))) return;
  throw new ControlError(
    'CONTROL_ORIGIN_FORBIDDEN',
    'Requests must name this host and come from no web page.',
  );
}

function refuse(
  { log }: HandlerOptions,
  request: IncomingMessage,
  { response, error }: { response: ServerResponse; error: unknown },
): void {
  const problem = toProblemDetails(error);
  // Node's types deny that a request that was broken off has no socket.
  const socket = request.socket as Socket | null;
  if (response.headersSent || socket?.destroyed !== false) {
    log('answer-broken-off', { method: request.method ?? '', error: describeError(error) });
    response.destroy();
    return;
  }
  log('refused', {
    method: request.method ?? '',
    status: problem.status,
    code: problem.code,
    error: describeError(error),
  });
  sendJson(response, problem.status, problem, {
    ...(problem.status === 401 && { 'www-authenticate': 'Bearer realm="heapfloor control"' }),
    ...(problem.status === 405 && { allow: allowedMethods(request.url ?? '') }),
    // What is left of an oversized body is not read.
    ...(!request.complete && { connection: 'close' }),
  });
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
