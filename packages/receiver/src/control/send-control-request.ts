import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ReceiverError } from '../errors.ts';
import type { ControlAddress } from './control-address.ts';

export interface ControlRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly token: string | null;
  /** Longest silence of the peer. Unit: ms. */
  readonly idleTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One request; the answer's body is still to be read. Redirects are answers like any other: they are not followed.
 * @throws ReceiverError RECEIVER_CONTROL_UNREACHABLE for whatever the network does.
 */
export async function sendControlRequest(
  address: ControlAddress,
  request: ControlRequest,
): Promise<IncomingMessage> {
  request.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const outgoing = start(address, request)
      .on('response', resolve)
      .on('timeout', () => outgoing.destroy(new Error(`silent for ${request.idleTimeoutMs} ms`)))
      .on('error', (error) => reject(request.signal?.aborted === true ? error : unreachable(address, error)));
    outgoing.end();
  });
}

export function unreachable(address: ControlAddress, cause: unknown): ReceiverError {
  const where = address.kind === 'unix' ? `unix:${address.socketPath}` : address.origin.origin;
  const { code, message } = cause as NodeJS.ErrnoException;
  return new ReceiverError(
    'RECEIVER_CONTROL_UNREACHABLE',
    `The control endpoint ${where} does not answer (${code ?? message}). Is the app up, and its control enabled?`,
    { cause },
  );
}

function start(address: ControlAddress, request: ControlRequest): ReturnType<typeof httpRequest> {
  const options: RequestOptions = {
    method: request.method,
    path: request.path,
    headers: request.token === null ? {} : { authorization: `Bearer ${request.token}` },
    timeout: request.idleTimeoutMs,
    // A pooled connection would meet an app that restarted in between.
    agent: false,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  if (address.kind === 'unix') return httpRequest({ ...options, socketPath: address.socketPath });
  const { protocol, hostname, port } = address.origin;
  const host = hostname.replaceAll(/^\[|\]$/g, '');
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  return send({ ...options, host, ...(port === '' ? {} : { port }) });
}
