import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { describeError, toProblemDetails, type ControlCommand } from '@heapfloor/contract';
import type { Captures } from '../capture/captures.ts';
import type { OperationStore } from '../capture/operation-store.ts';
import { ControlError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Authenticate } from './authenticate.ts';
import { readEmptyBody } from './read-empty-body.ts';
import { findRoute, type Route } from './routes.ts';

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
    handle(options, request, response).catch((error: unknown) =>
      refuse(options.log, request, response, error),
    );
  };
}

async function handle(
  options: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  checkHost(options.allowedHosts, request);
  const route = findRoute(request.method ?? '', request.url ?? '');
  if (route.name === 'health') {
    sendJson(response, 200, await options.readHealth());
    return;
  }
  await readEmptyBody(request);
  const command = await options.authenticate(request);
  await execute(options, { route, command: fitting(route, command) }, response);
}

async function execute(
  { captures, store }: HandlerOptions,
  { route, command }: { route: Route; command: ControlCommand },
  response: ServerResponse,
): Promise<void> {
  if (command.action === 'capture') {
    const answer = await captures.start(command);
    sendJson(response, answer.operation?.state === 'running' ? 202 : 200, answer);
    return;
  }
  const found = captures.find(command.captureId);
  if (found === null)
    throw new ControlError('CONTROL_NOT_FOUND', `There is no capture ${command.captureId} here.`);
  if (route.name === 'artifact') {
    await sendArtifact(
      response,
      store.directory,
      found.operation?.artifacts.find((item) => item.fileName === route.fileName),
    );
  } else if (command.action === 'delete') {
    if (captures.isRunning(command.captureId)) {
      throw new ControlError(
        'CONTROL_CAPTURE_RUNNING',
        `Capture ${command.captureId} is still running; delete it afterwards.`,
      );
    }
    store.deleteArtifacts(command.captureId);
    response.writeHead(204).end();
  } else sendJson(response, 200, found);
}

/** A signed command is for one action on one capture; a route can't make it into another. */
function fitting(route: Route, command: ControlCommand): ControlCommand {
  const isSame = route.captureId === null || route.captureId === command.captureId;
  if (route.action === command.action && isSame) return command;
  throw new ControlError(
    'CONTROL_COMMAND_MISDIRECTED',
    `The signed command is "${command.action}" of ${command.captureId}; this route is for "${route.action}" of ${route.captureId ?? 'any'}.`,
  );
}

async function sendArtifact(
  response: ServerResponse,
  directory: string,
  manifest: { fileName: string; sizeBytes: number; sha256: string } | undefined,
): Promise<void> {
  if (manifest === undefined)
    throw new ControlError('CONTROL_NOT_FOUND', 'This capture has no such artifact.');
  const file = createReadStream(join(directory, manifest.fileName));
  await new Promise<void>((resolve, reject) => {
    file.once('open', () => resolve()).once('error', reject);
  }).catch((error: unknown) => {
    throw new ControlError('CONTROL_NOT_FOUND', `${manifest.fileName} was deleted.`, { cause: error });
  });
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': manifest.sizeBytes,
    'content-digest': `sha-256=:${Buffer.from(manifest.sha256, 'hex').toString('base64')}:`,
    'cache-control': 'no-store',
  });
  await pipeline(file, response);
}

/** A web page that has its name resolve to 127.0.0.1 sends its own name as Host. */
function checkHost(allowedHosts: readonly string[] | null, request: IncomingMessage): void {
  const { host = '', origin } = request.headers;
  if (allowedHosts === null) return;
  if (allowedHosts.includes(host) && origin === undefined) return;
  throw new ControlError('CONTROL_HOST_REFUSED', 'Requests must name this host and come from no web page.');
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    })
    .end(text);
}

function refuse(log: Log, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const problem = toProblemDetails(error);
  log('refused', {
    status: problem.status,
    code: problem.code,
    method: request.method ?? '',
    error: describeError(error),
  });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of an oversized body is not read.
  if (!request.complete) response.setHeader('connection', 'close');
  sendJson(response, problem.status, problem);
}
