import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest, type RequestOptions as HttpsOptions } from 'node:https';
import { ReceiverError } from '../errors.ts';
import type { ControlAddress } from './control-address.ts';

/** For an `https:` address. */
export interface ControlTls {
  /** Authority of the app's certificate; without it those that Node trusts. */
  readonly caPem?: string | undefined;
  /** Certificate of this client and its key, where the app wants one. */
  readonly certPem?: string | undefined;
  readonly keyPem?: string | undefined;
  /** Name in the app's certificate, where that is not for the address. */
  readonly serverName?: string | undefined;
}

export interface ControlRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly token: string | null;
  readonly tls?: ControlTls | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
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
  const advice = /TLS|SSL|CERT/.test(code ?? '')
    ? 'Check authority, name and client certificate.'
    : 'Is the app up, and its control enabled?';
  return new ReceiverError(
    'RECEIVER_CONTROL_UNREACHABLE',
    `The control endpoint ${where} does not answer (${code ?? message}). ${advice}`,
    { cause },
  );
}

function start(address: ControlAddress, request: ControlRequest): ReturnType<typeof httpRequest> {
  const options: RequestOptions = {
    method: request.method,
    path: request.path,
    headers: {
      ...request.headers,
      ...(request.token !== null && { authorization: `Bearer ${request.token}` }),
    },
    timeout: request.idleTimeoutMs,
    // A pooled connection would meet an app that restarted in between.
    agent: false,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  if (address.kind === 'unix') return httpRequest({ ...options, socketPath: address.socketPath });
  const { protocol, hostname, port } = address.origin;
  const host = hostname.replaceAll(/^\[|\]$/g, '');
  const target = { ...options, host, ...(port === '' ? {} : { port }) };
  return protocol === 'https:'
    ? httpsRequest({ ...target, ...toTlsOptions(request.tls ?? {}) })
    : httpRequest(target);
}

function toTlsOptions({ caPem, certPem, keyPem, serverName }: ControlTls): HttpsOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(caPem !== undefined && { ca: caPem }),
    ...(certPem !== undefined && { cert: certPem }),
    ...(keyPem !== undefined && { key: keyPem }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}
