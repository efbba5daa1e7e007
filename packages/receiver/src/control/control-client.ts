import { createPrivateKey } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import {
  captureResponse,
  type ArtifactManifest,
  type CaptureCommand,
  type CaptureKind,
  type CaptureResponse,
  type ControlCommandInput,
} from '@heapfloor/contract';
import { z } from 'zod';
import { cutText, ReceiverError } from '../errors.ts';
import { isOnThisMachine, parseControlAddress } from './control-address.ts';
import { saveArtifact } from './save-artifact.ts';
import { sendControlRequest, unreachable, type ControlTls } from './send-control-request.ts';
import { signCommand } from './sign-command.ts';

export interface ControlClientOptions {
  /** `unix:/run/app/control.sock`, `http://127.0.0.1:9465` or `https://10.0.0.7:9465`. */
  readonly address: string;
  /** `service.instance.id` of the app; the audience of every command. */
  readonly instance: string;
  readonly privateKeyPem: string;
  readonly tls?: ControlTls;
}

export type CaptureCommandInput = Extract<ControlCommandInput, { action: CaptureCommand['action'] }>;

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Between two looks. Unit: ms. */
  readonly pollIntervalMs?: number;
  /** How long the endpoint may be out of reach before waiting ends. Unit: ms. */
  readonly unreachableForMs?: number;
  /** After each look. */
  readonly onProgress?: (response: CaptureResponse) => void;
}

export interface ControlClient {
  /** Starts a capture; the same id again returns the same operation. */
  capture(command: CaptureCommandInput, options?: { signal?: AbortSignal }): Promise<CaptureResponse>;
  read(captureId: string, options?: { signal?: AbortSignal }): Promise<CaptureResponse>;
  /** Resolves when the operation runs no more. */
  waitUntilDone(captureId: string, options?: WaitOptions): Promise<CaptureResponse>;
  /** Streams an artifact to a directory, checked against its manifest; returns the file's path. */
  downloadArtifact(
    captureId: string,
    manifest: ArtifactManifest,
    toDirectory: string,
    options?: { signal?: AbortSignal },
  ): Promise<string>;
  /** Ends a profile or an inspector before its time; what a profile has until then is kept. */
  stop(captureId: string): Promise<CaptureResponse>;
  /** Lets a kind be taken again after a process died while it was taken. */
  reset(kind: CaptureKind): Promise<void>;
  /** Deletes the artifacts on the app's side. */
  remove(captureId: string): Promise<void>;
  health(): Promise<unknown>;
}

/** A verdict comes at once; what takes long is polled. Unit: ms. */
const ANSWER_TIMEOUT_MS = 15_000;
/** The app's disk may be slow, but not silent. Unit: ms. */
const DOWNLOAD_IDLE_TIMEOUT_MS = 60_000;
const DEFAULT_POLL_INTERVAL_MS = 500;
const DEFAULT_UNREACHABLE_FOR_MS = 30_000;
const MAX_ANSWER_LENGTH = 4 * 1024 * 1024;

/** The signed way to one app's control endpoint. */
export function createControlClient(options: ControlClientOptions): ControlClient {
  const address = parseControlAddress(options.address);
  const key = { instance: options.instance, privateKey: createPrivateKey(options.privateKeyPem) };

  async function send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { command, signal, idleTimeoutMs = ANSWER_TIMEOUT_MS, headers }: SendOptions,
  ): Promise<IncomingMessage> {
    const token = command === null ? null : await signCommand(command, key);
    const request = { method, path, token, idleTimeoutMs, signal, headers, tls: options.tls };
    const response = await sendControlRequest(address, request);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    throw refusal(status, await readBody(response).catch(() => ''), { method, path });
  }

  async function readBody(response: IncomingMessage): Promise<string> {
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ANSWER_LENGTH) response.destroy(new Error(`more than ${MAX_ANSWER_LENGTH} bytes`));
    });
    return text(response).catch((error: unknown) => {
      throw unreachable(address, error);
    });
  }

  async function read(
    captureId: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<CaptureResponse> {
    const command = { action: 'read' as const, captureId };
    const response = await send('GET', capturePath(captureId), { command, signal });
    return parseResponse(await readBody(response));
  }

  return {
    read,
    async capture(command, { signal } = {}) {
      return parseResponse(await readBody(await send('POST', '/v1/captures', { command, signal })));
    },
    async waitUntilDone(captureId, waitOptions = {}) {
      return pollUntilDone(async () => read(captureId, pickSignal(waitOptions)), waitOptions);
    },
    async downloadArtifact(captureId, manifest, toDirectory, { signal } = {}) {
      const path = `${capturePath(captureId)}/artifacts/${encodeURIComponent(manifest.fileName)}`;
      const command = { action: 'read' as const, captureId };
      // On the same machine zipping costs more than it saves.
      const headers = isOnThisMachine(address) ? undefined : { 'accept-encoding': 'gzip' };
      const idleTimeoutMs = DOWNLOAD_IDLE_TIMEOUT_MS;
      const response = await send('GET', path, { command, signal, idleTimeoutMs, headers });
      return saveArtifact(decode(response), manifest, { toDirectory, signal });
    },
    async stop(captureId) {
      const command = { action: 'stop' as const, captureId };
      const path = `${capturePath(captureId)}/stop`;
      return parseResponse(await readBody(await send('POST', path, { command, signal: undefined })));
    },
    async reset(kind) {
      const command = { action: 'reset' as const, kind };
      (await send('POST', `/v1/lockouts/${kind}/reset`, { command, signal: undefined })).resume();
    },
    async remove(captureId) {
      const command = { action: 'delete' as const, captureId };
      (await send('DELETE', capturePath(captureId), { command, signal: undefined })).resume();
    },
    async health() {
      return parseJson(await readBody(await send('GET', '/healthz', { command: null, signal: undefined })));
    },
  };
}

interface SendOptions {
  readonly command: ControlCommandInput | null;
  readonly signal: AbortSignal | undefined;
  readonly idleTimeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An error of the connection is one of the decoded stream as well. */
function decode(response: IncomingMessage): Readable {
  if (response.headers['content-encoding'] !== 'gzip') return response;
  return pipeline(response, createGunzip(), () => {});
}

function capturePath(captureId: string): string {
  return `/v1/captures/${encodeURIComponent(captureId)}`;
}

function pickSignal({ signal }: WaitOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** While the app is out of reach for a short time (a paused or swapping machine), waiting goes on. */
async function pollUntilDone(
  look: () => Promise<CaptureResponse>,
  {
    signal,
    pollIntervalMs = DEFAULT_POLL_INTERVAL_MS,
    unreachableForMs = DEFAULT_UNREACHABLE_FOR_MS,
    onProgress,
  }: WaitOptions,
): Promise<CaptureResponse> {
  let lastAnswerAtMs = Date.now();
  for (;;) {
    try {
      const response = await look();
      onProgress?.(response);
      if (response.operation?.state !== 'running') return response;
      lastAnswerAtMs = Date.now();
    } catch (error) {
      if (!isTransient(error) || Date.now() - lastAnswerAtMs > unreachableForMs) throw error;
    }
    await delay(pollIntervalMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** The errors after which the same request may succeed. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof ReceiverError &&
    (error.code === 'RECEIVER_CONTROL_UNREACHABLE' || error.code === 'RECEIVER_CONTROL_UNAVAILABLE')
  );
}

const problemBody = z.looseObject({ code: z.string(), detail: z.string().optional() });

function refusal(
  status: number,
  body: string,
  { method, path }: { method: string; path: string },
): ReceiverError {
  const problem = problemBody.safeParse(parseJsonOr(body, null));
  const said = problem.success
    ? `${problem.data.code}: ${problem.data.detail ?? ''}`
    : body === ''
      ? 'no body'
      : body;
  const message = `The control endpoint answered ${status} to ${method} ${path} (${cutText(said, 300)}).`;
  if (status === 404 && path.startsWith('/v1/captures/'))
    return new ReceiverError('RECEIVER_OPERATION_LOST', message);
  return new ReceiverError(
    status >= 500 ? 'RECEIVER_CONTROL_UNAVAILABLE' : 'RECEIVER_CONTROL_REFUSED',
    `${message} Check that instance and public key are those of this receiver, and both clocks.`,
  );
}

function parseResponse(body: string): CaptureResponse {
  const parsed = captureResponse.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ReceiverError(
    'RECEIVER_CONTROL_ANSWER_INVALID',
    `The control endpoint answered no capture (${issue?.path.join('.')}: ${issue?.message}). Is it another version?`,
  );
}

function parseJson(body: string): unknown {
  const value = parseJsonOr(body, undefined);
  if (value !== undefined) return value;
  throw new ReceiverError(
    'RECEIVER_CONTROL_ANSWER_INVALID',
    `The control endpoint answered no JSON: '${cutText(body)}'`,
  );
}

function parseJsonOr(body: string, fallback: unknown): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return fallback;
  }
}
