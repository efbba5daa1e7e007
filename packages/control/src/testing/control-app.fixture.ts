import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  COMMAND_CLAIM,
  captureResponse,
  type CaptureResponse,
  type ControlCommandInput,
} from '@heapfloor/contract';
import { SignJWT } from 'jose';

export const INSTANCE = 'app-1';

const REGISTER = fileURLToPath(new URL('../register.ts', import.meta.url));
const keys = generateKeyPairSync('ed25519');

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: () => Record<string, unknown>;
}

export interface SignOptions {
  readonly audience?: string;
  readonly lifeSeconds?: number;
  readonly issuedAtSeconds?: number;
  readonly nonce?: string;
  readonly key?: KeyObject;
}

export interface RequestOptions {
  readonly method?: string;
  readonly token?: string;
  readonly body?: string;
}

export interface ControlApp {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly stderr: () => string;
  readonly send: (path: string, options?: RequestOptions) => Promise<Answer>;
  readonly capture: (
    command: Partial<ControlCommandInput> & { captureId: string },
  ) => Promise<CaptureResponse>;
  readonly untilDone: (captureId: string) => Promise<CaptureResponse>;
}

export interface AppOptions {
  /** What the app does; it is run by `node --eval`. */
  readonly code?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** False for an app that calls `startControl` itself. */
  readonly isRegistered?: boolean;
  /** Of an app that ran before, to start it again. */
  readonly directory?: string;
  /** What is given to `--import`; the sources without it. */
  readonly register?: string;
  /** Put before the command; it must become the app by `exec`, as `unshare` does. */
  readonly wrapper?: readonly string[];
}

/** Starts apps with control registered, and ends what is left of them. */
export function createApps(): {
  start: (options?: AppOptions) => Promise<ControlApp>;
  end: () => Promise<void>;
} {
  const children: ChildProcess[] = [];
  const directories = new Set<string>();
  return {
    async start(options = {}) {
      const app = startApp(options);
      children.push(app.child);
      directories.add(app.directory);
      await untilListening(app);
      return app;
    },
    async end() {
      for (const child of children.splice(0)) await endChild(child);
      for (const directory of directories) rmSync(directory, { recursive: true, force: true });
      directories.clear();
    },
  };
}

/** Without waiting for the endpoint, for apps whose control stays off. */
export function startApp({
  code = 'setInterval(() => {}, 1000)',
  env = {},
  isRegistered = true,
  directory,
  register = REGISTER,
  wrapper = [],
}: AppOptions): ControlApp {
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'hf-control-'));
  chmodSync(folder, 0o700);
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, keys.publicKey.export({ type: 'spki', format: 'pem' }));
  const socketPath = join(folder, 'c.sock');
  const flags = ['--conditions=@heapfloor/source', ...(isRegistered ? ['--import', register] : [])];
  const [program, ...args] = [...wrapper, process.execPath, ...flags, '--eval', code];
  const child = spawn(program, args, {
    env: {
      HEAPFLOOR_CONTROL_KINDS: 'heap-snapshot,heap-profile,diagnostic-report',
      HEAPFLOOR_CONTROL_LISTEN: `unix:${socketPath}`,
      HEAPFLOOR_CONTROL_INSTANCE: INSTANCE,
      HEAPFLOOR_CONTROL_PUBLIC_KEYS: keyFile,
      HEAPFLOOR_CONTROL_DIRECTORY: folder,
      HEAPFLOOR_CONTROL_SNAPSHOT_COOLDOWN_MS: '0',
      HEAPFLOOR_CONTROL_PROFILE_COOLDOWN_MS: '0',
      HEAPFLOOR_CONTROL_REPORT_COOLDOWN_MS: '0',
      HEAPFLOOR_CONTROL_WARM_UP_MS: '0',
      HEAPFLOOR_CONTROL_MAX_SNAPSHOTS_PER_DAY: '100',
      HEAPFLOOR_CONTROL_MAX_PROFILES_PER_HOUR: '100',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const send = async (path: string, options: RequestOptions = {}): Promise<Answer> =>
    sendTo(socketPath, path, options);
  return {
    child,
    directory: join(folder),
    stderr: () => stderr,
    send,
    async capture(command) {
      const token = await sign({
        action: 'capture',
        kind: 'heap-snapshot',
        alertFingerprint: null,
        ...command,
      });
      return parseResponse(await send('/v1/captures', { method: 'POST', token }));
    },
    async untilDone(captureId) {
      for (;;) {
        const token = await sign({ action: 'read', captureId });
        const response = parseResponse(await send(`/v1/captures/${captureId}`, { token }));
        if (response.operation?.state !== 'running') return response;
        await delay(POLL_INTERVAL_MS);
      }
    },
  };
}

function parseResponse({ status, body }: Answer): CaptureResponse {
  if (status >= 400) throw new Error(`status ${status}: ${body.toString()}`);
  return captureResponse.parse(JSON.parse(body.toString()));
}

export async function sign(command: unknown, options: SignOptions = {}): Promise<string> {
  const { audience = INSTANCE, lifeSeconds = 60, nonce = randomUUID(), key = keys.privateKey } = options;
  const issuedAtSeconds = options.issuedAtSeconds ?? Math.floor(Date.now() / 1000);
  return new SignJWT({ [COMMAND_CLAIM]: command })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setAudience(audience)
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(issuedAtSeconds + lifeSeconds)
    .setJti(nonce)
    .sign(key);
}

async function sendTo(
  socketPath: string,
  path: string,
  { method = 'GET', token, body }: RequestOptions,
): Promise<Answer> {
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, method, headers, agent: false }, (response) => {
      buffer(response).then((bytes) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: bytes,
          json: () => JSON.parse(bytes.toString()) as Record<string, unknown>,
        });
      }, reject);
    });
    outgoing.on('error', reject).end(body);
  });
}

/** Asking without a pause would take the cores from the app. Unit: ms. */
const POLL_INTERVAL_MS = 20;
/** Most of a second is never needed on an idle machine. Unit: ms. */
const LISTEN_TIMEOUT_MS = 20_000;

async function untilListening(app: ControlApp): Promise<void> {
  const deadlineMs = performance.now() + LISTEN_TIMEOUT_MS;
  for (;;) {
    if (app.child.exitCode !== null || app.child.signalCode !== null)
      throw new Error(`the app ended before its control listened: ${app.stderr()}`);
    if (performance.now() > deadlineMs)
      throw new Error(`control does not listen after ${LISTEN_TIMEOUT_MS} ms: ${app.stderr()}`);
    const answer = await app.send('/healthz').catch(() => null);
    if (answer?.status === 200) return;
    await delay(POLL_INTERVAL_MS);
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
