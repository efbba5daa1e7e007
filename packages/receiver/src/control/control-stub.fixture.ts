import { createHash, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  controlCommand,
  type ArtifactManifest,
  type CaptureKind,
  type CaptureOperation,
  type ControlCommand,
  type Verdict,
} from '@heapfloor/contract';
import { jwtVerify } from 'jose';

/**
 * The app's side of the control protocol for tests: a real HTTP server on a Unix socket that checks every token. It
 * takes no snapshots; the artifacts are given to it.
 */
export interface ControlStub {
  readonly address: string;
  /** Every accepted command, in order. */
  readonly commands: readonly ControlCommand[];
  /** Captures that were really started; a repeated command starts none. */
  readonly startedCount: number;
  readonly removedIds: readonly string[];
  /** Resolves when a command with the action came, also if it came before. */
  waitFor(action: ControlCommand['action']): Promise<void>;
  /** Ends the running operation, now or as soon as it starts. */
  finish(): void;
  close(): Promise<void>;
}

export interface ControlStubOptions {
  readonly socketPath: string;
  readonly instance: string;
  readonly publicKeyPem: string;
  readonly grantedKind?: CaptureKind | null;
  /** File name to content; what a capture yields. */
  readonly artifacts?: Readonly<Record<string, string | Buffer>>;
  /** Answer `running` until {@link ControlStub.finish} is called. */
  readonly isSlow?: boolean;
  /** Start the first capture and never answer the command. */
  readonly isFirstAnswerLost?: boolean;
  /** An error that the operation ends with. */
  readonly failure?: { readonly code: string; readonly message: string };
  /** Send artifacts with `content-encoding: gzip`. */
  readonly isZipping?: boolean;
  /** Spoils what an artifact request sends. */
  readonly spoil?: (content: Buffer, requestCount: number) => Buffer | 'reset';
}

export const STUB_TIME = '2026-11-23T02:14:31.000Z';

export async function startControlStub(options: ControlStubOptions): Promise<ControlStub> {
  const { socketPath, instance, grantedKind = 'heap-snapshot' } = options;
  const commands: ControlCommand[] = [];
  const nonces = new Set<string>();
  const operations = new Map<string, { isDone: boolean }>();
  const removedIds: string[] = [];
  const waiting: { action: string; resolve: () => void }[] = [];
  let isFinishing = options.isSlow !== true;
  let artifactRequestCount = 0;

  async function authenticate(request: IncomingMessage): Promise<ControlCommand | null> {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const key = createPublicKey(options.publicKeyPem);
    const { payload } = await jwtVerify(token, key, {
      audience: instance,
      algorithms: ['EdDSA'],
      maxTokenAge: 60,
    });
    const nonce = String(payload.jti);
    if (nonces.has(nonce)) return null;
    nonces.add(nonce);
    return controlCommand.parse(payload['heapfloor']);
  }

  function note(command: ControlCommand): void {
    commands.push(command);
    for (const { action, resolve } of waiting) if (action === command.action) resolve();
  }

  function respond(response: ServerResponse, captureId: string): void {
    const operation = operations.get(captureId);
    if (operation === undefined)
      return send(response, 404, { code: 'CONTROL_NOT_FOUND', detail: 'no such capture' });
    operation.isDone ||= isFinishing;
    const body = {
      verdict: buildVerdict(grantedKind, instance),
      operation: grantedKind === null ? null : describe(captureId, operation.isDone),
    };
    return send(response, operation.isDone ? 200 : 202, body);
  }

  function describe(captureId: string, isDone: boolean): CaptureOperation {
    const { artifacts = {}, failure } = options;
    const kind = grantedKind ?? 'heap-snapshot';
    const manifests = Object.entries(artifacts).map(([name, text], index) =>
      buildManifest(Buffer.from(text), { fileName: name, kind, captureId, instance, index }),
    );
    return {
      captureId,
      state: isDone ? (failure === undefined ? 'succeeded' : 'failed') : 'running',
      kind: grantedKind,
      startedAt: STUB_TIME,
      finishedAt: isDone ? STUB_TIME : null,
      artifacts: isDone ? manifests : [],
      phase: isDone ? null : 'takes it',
      isolates: [],
      inspector: null,
      error: isDone ? (failure ?? null) : null,
    };
  }

  function sendArtifact(response: ServerResponse, name: string): void {
    artifactRequestCount += 1;
    const content = Buffer.from(options.artifacts?.[decodeURIComponent(name)] ?? '');
    const spoilt = options.spoil?.(content, artifactRequestCount) ?? content;
    const isZipped = options.isZipping === true && spoilt !== 'reset';
    const sent = isZipped ? gzipSync(spoilt) : spoilt;
    if (sent === 'reset') {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1), () => response.destroy());
    } else response.writeHead(200, isZipped ? { 'content-encoding': 'gzip' } : {}).end(sent);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/healthz') return send(response, 200, { status: 'ok' });
    const command = await authenticate(request).catch(() => null);
    if (command === null)
      return send(response, 401, { code: 'CONTROL_TOKEN_REFUSED', detail: 'no valid token' });
    const [, captureId = '', artifact] =
      /^\/v1\/captures(?:\/([^/]+))?(?:\/artifacts\/([^/]+)|\/stop)?$/.exec(request.url ?? '') ?? [];
    if (command.action === 'capture' && !operations.has(command.captureId)) {
      operations.set(command.captureId, { isDone: false });
    }
    note(command);
    if (command.action === 'reset') return void response.writeHead(204).end();
    if (command.action === 'stop') isFinishing = true;
    const isLost = options.isFirstAnswerLost === true && commands.length === 1;
    if (request.method === 'POST') return isLost ? undefined : respond(response, command.captureId);
    if (artifact !== undefined) return sendArtifact(response, artifact);
    if (request.method === 'DELETE') {
      removedIds.push(captureId);
      return send(response, 200, {});
    }
    return respond(response, captureId);
  }

  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    address: `unix:${socketPath}`,
    commands,
    removedIds,
    get startedCount() {
      return operations.size;
    },
    async waitFor(action) {
      if (commands.some((command) => command.action === action)) return;
      await new Promise<void>((resolve) => waiting.push({ action, resolve }));
    },
    finish() {
      isFinishing = true;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function buildVerdict(grantedKind: CaptureKind | null, instance = 'shop-1'): Verdict {
  const isAllowed = grantedKind === 'heap-snapshot';
  return {
    requestedKind: 'heap-snapshot',
    grantedKind,
    outcome: isAllowed ? 'allowed' : grantedKind === null ? 'refused' : 'downgraded',
    dryRun: false,
    instance,
    evaluatedAt: STUB_TIME,
    steps: [],
    explanation: isAllowed ? 'Allowed: needs 100 MB, 900 MB free.' : 'Heap snapshot refused: 200 MB missing.',
  };
}

export function buildManifest(
  content: Buffer,
  differs: { fileName: string; kind: CaptureKind; captureId: string; instance: string; index?: number },
): ArtifactManifest {
  const { index = 0, ...names } = differs;
  return {
    ...names,
    sizeBytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    startedAt: new Date(Date.parse(STUB_TIME) + index * 1000).toISOString(),
    finishedAt: new Date(Date.parse(STUB_TIME) + index * 1000 + 500).toISOString(),
    stallMs: 31,
    alertFingerprint: '249663c0b59b123b',
    pid: 4121,
    isolate: 'main',
    nodeVersion: 'v26.10.0',
    v8Version: '14.6',
    heapUsedBytes: 1024,
    rssGrowthBytes: null,
    verdict: buildVerdict(names.kind, names.instance),
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
