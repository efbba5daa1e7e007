import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';
import type { CaptureKind, CaptureResponse } from '@heapfloor/contract';
import type { Captures } from '../capture/captures.ts';
import { createAuthenticate } from '../endpoint/authenticate.ts';
import { createHandler, type HandlerOptions } from '../endpoint/create-handler.ts';
import { createControlServer, type ServerLimits } from '../endpoint/create-server.ts';
import { createHostCheck } from '../endpoint/host-check.ts';
import { readKeys, type KeyOptions } from '../endpoint/keys.ts';
import { listen, parseListenAddress } from '../endpoint/listen.ts';
import type { NonceLedger } from '../endpoint/nonce-ledger.ts';
import { readTls, type TlsOptions } from '../endpoint/tls.ts';
import type { Answer } from './control-app.fixture.ts';

/** The endpoint in this process, on a real socket, before captures that a test plays. */
export interface Endpoint {
  readonly address: string;
  readonly directory: string;
  readonly logged: { event: string; fields: Readonly<Record<string, unknown>> }[];
  readonly calls: unknown[];
  readonly send: (path: string, options?: SendOptions) => Promise<Answer>;
  /** Writes bytes and reads until the endpoint ends the connection. */
  readonly sendRaw: (bytes: string) => Promise<string>;
  readonly connect: () => Socket;
  readonly close: () => Promise<void>;
}

export interface EndpointOptions {
  readonly listen?: string;
  readonly keys?: Partial<KeyOptions>;
  readonly tls?: TlsOptions;
  readonly captures?: Partial<Captures>;
  readonly found?: Readonly<Record<string, CaptureResponse>>;
  readonly nonces?: NonceLedger;
  readonly limits?: Partial<ServerLimits>;
  readonly directory?: string;
  readonly readHealth?: HandlerOptions['readHealth'];
}

export interface SendOptions extends RequestOptions {
  readonly token?: string;
  readonly body?: string;
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'checkServerIdentity'>;
}

export const FULL_KEY = generateKeyPairSync('ed25519');

export async function startEndpoint(options: EndpointOptions = {}): Promise<Endpoint> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'hf-endpoint-'));
  const listenText = options.listen ?? `unix:${join(directory, 'e.sock')}`;
  const problems: string[] = [];
  const keys = readKeys(
    {
      publicKeyFiles: [writeKey(join(directory, 'full.pem'), FULL_KEY.publicKey)],
      limitedKeyFiles: [],
      limitedKeyKinds: ['heap-profile'],
      ...options.keys,
    },
    problems,
  );
  const tls = readTls({ ...options.tls, listen: listenText }, problems);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const address = parseListenAddress(listenText);
  const logged: Endpoint['logged'] = [];
  const calls: unknown[] = [];
  const log = (event: string, fields: Readonly<Record<string, unknown>>): void => {
    logged.push({ event, fields });
  };
  const { nonces } = options;
  const server = await createControlServer(
    createHandler({
      authenticate: createAuthenticate({
        instance: 'app-1',
        keys,
        log,
        ...(nonces !== undefined && { nonces }),
      }),
      captures: playCaptures(calls, options.captures),
      store: {
        directory,
        find: (captureId) => options.found?.[captureId] ?? null,
        deleteArtifacts: (captureId) => calls.push(['delete', captureId]),
      },
      readHealth: options.readHealth ?? (async () => ({ status: 'ok' })),
      isAllowedHost: createHostCheck(address, tls),
      log,
    }),
    { tls, log, ...(options.limits !== undefined && { limits: options.limits }) },
  );
  const listened = await listen(server, address);
  const target = toTarget(listened);
  const dial = (): Socket => connect({ ...target, host: '127.0.0.1' });
  return {
    address: listened,
    directory,
    logged,
    calls,
    send: async (path, sent = {}) => send(listened, path, sent),
    async sendRaw(bytes) {
      const socket = dial();
      socket.write(bytes);
      // A reset, where it comes instead of an end, is the end of the answer too.
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
      await once(socket, 'close');
      return Buffer.concat(chunks).toString();
    },
    connect: dial,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function writeKey(file: string, key: KeyObject): string {
  writeFileSync(file, key.export({ type: 'spki', format: 'pem' }));
  return file;
}

/** A capture that was granted so, and that runs or has ended. */
export function buildResponse(
  captureId: string,
  grantedKind: CaptureKind,
  state: 'running' | 'succeeded' = 'succeeded',
): CaptureResponse {
  const at = '2026-11-24T10:00:00.000Z';
  return {
    verdict: {
      requestedKind: grantedKind,
      grantedKind,
      outcome: 'allowed',
      dryRun: false,
      instance: 'app-1',
      evaluatedAt: at,
      steps: [],
      explanation: 'Allowed.',
    },
    operation: {
      captureId,
      state,
      kind: grantedKind,
      startedAt: at,
      finishedAt: state === 'running' ? null : at,
      artifacts: [],
      phase: null,
      isolates: [],
      inspector: null,
      error: null,
    },
  };
}

function playCaptures(calls: unknown[], played: Partial<Captures> = {}): Captures {
  return {
    async start(command, by) {
      calls.push(['start', command.captureId, by]);
      return buildResponse(command.captureId, command.kind, 'running');
    },
    stop(captureId) {
      calls.push(['stop', captureId]);
      return true;
    },
    reset: (kind, by) => calls.push(['reset', kind, by]),
    isRunning: () => false,
    stopAll() {},
    abandon() {},
    async settled() {},
    ...played,
  };
}

function toTarget(address: string): { path: string } | { port: number; host: string } {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const { hostname, port } = new URL(address);
  return { port: Number(port), host: hostname };
}

async function send(address: string, path: string, options: SendOptions): Promise<Answer> {
  const { token, body, headers, tls, ...rest } = options;
  const target = toTarget(address);
  const start = address.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = start(
      {
        ...('path' in target ? { socketPath: target.path } : { port: target.port, host: '127.0.0.1' }),
        agent: false,
        ...rest,
        ...tls,
        path,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          ...(headers as Record<string, string> | undefined),
        },
      },
      (response: IncomingMessage) => {
        buffer(response).then((bytes) => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: bytes,
            json: () => JSON.parse(bytes.toString()) as Record<string, unknown>,
          });
        }, reject);
      },
    );
    outgoing.on('error', reject).end(body);
  });
}
