import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
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
}: AppOptions): ControlApp {
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'hf-control-'));
  chmodSync(folder, 0o700);
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, keys.publicKey.export({ type: 'spki', format: 'pem' }));
  const socketPath = join(folder, 'c.sock');
  const child = spawn(
    process.execPath,
    ['--conditions=@heapfloor/source', ...(isRegistered ? ['--import', REGISTER] : []), '--eval', code],
    {
      env: {
        HEAPFLOOR_CONTROL_KINDS: 'heap-snapshot,heap-profile,diagnostic-report',
        HEAPFLOOR_CONTROL_LISTEN: `unix:${socketPath}`,
        HEAPFLOOR_CONTROL_INSTANCE: INSTANCE,
        HEAPFLOOR_CONTROL_PUBLIC_KEYS: keyFile,
        HEAPFLOOR_CONTROL_DIRECTORY: folder,
        HEAPFLOOR_CONTROL_SNAPSHOT_COOLDOWN_MS: '0',
        HEAPFLOOR_CONTROL_PROFILE_COOLDOWN_MS: '0',
        HEAPFLOOR_CONTROL_REPORT_COOLDOWN_MS: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
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
      return captureResponse.parse((await send('/v1/captures', { method: 'POST', token })).json());
    },
    async untilDone(captureId) {
      for (;;) {
        const token = await sign({ action: 'read', captureId });
        const response = captureResponse.parse((await send(`/v1/captures/${captureId}`, { token })).json());
        if (response.operation?.state !== 'running') return response;
      }
    },
  };
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

async function untilListening(app: ControlApp): Promise<void> {
  for (;;) {
    if (app.child.exitCode !== null)
      throw new Error(`the app ended before its control listened: ${app.stderr()}`);
    const answer = await app.send('/healthz').catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
