import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { InspectorAccess } from '@heapfloor/contract';
import { WebSocket, type ClientOptions } from 'ws';
import type { InspectorEnd, InspectorOptions } from './open-inspector.ts';

const THREAD = fileURLToPath(new URL('./inspector-thread.fixture.ts', import.meta.url));
const LATCH = fileURLToPath(new URL('./session-latch.ts', import.meta.url));

export interface InspectedApp {
  readonly child: ChildProcess;
  readonly access: InspectorAccess;
  readonly end: Promise<InspectorEnd>;
  readonly logged: readonly Record<string, unknown>[];
  readonly rssBytes: readonly number[];
  /** What the app itself printed. */
  readonly printed: readonly string[];
  readonly stderr: () => string;
  readonly leftovers: () => string[];
}

export interface AppOptions {
  /** `control` is the Worker in it: a message to it closes the inspector. `startWorker(text, name)` is there too. */
  readonly code?: string;
  readonly options?: Partial<InspectorOptions>;
  readonly nodeOptions?: readonly string[];
}

/** Starts apps with an open inspector, and ends what is left of them. */
export function createInspectedApps(): {
  start: (options?: AppOptions) => Promise<InspectedApp>;
  end: () => Promise<void>;
} {
  const children: ChildProcess[] = [];
  const directories: string[] = [];
  return {
    async start(options = {}) {
      const directory = mkdtempSync(join(tmpdir(), 'hf-inspector-'));
      directories.push(directory);
      return startApp(directory, options, (child) => children.push(child));
    },
    async end() {
      for (const child of children.splice(0)) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
    },
  };
}

async function startApp(
  directory: string,
  { code = '', options = {}, nodeOptions = [] }: AppOptions,
  onStart: (child: ChildProcess) => void,
): Promise<InspectedApp> {
  const inspector = { port: 0, ttlMs: 20_000, directory, ...options };
  const app = `
    import { Worker } from 'node:worker_threads';
    import { awaitLetGo, createLatchMemory } from ${JSON.stringify(LATCH)};
    const latch = createLatchMemory();
    const control = new Worker(${JSON.stringify(THREAD)}, { name: 'heapfloor-control', execArgv: ['--conditions=@heapfloor/source', '--no-warnings'], workerData: { options: ${JSON.stringify(inspector)}, latch } });
    process.once('exit', () => { control.postMessage('close'); awaitLetGo(latch, 10_000); });
    const startWorker = (text, name) => new Worker(text, { eval: true, name, execArgv: [] });
    globalThis.count = 0;
    globalThis.turn = function turn() {
      globalThis.count += 1;
    };
    setInterval(() => globalThis.turn(), 5);
    ${code}`;
  const child = spawn(
    process.execPath,
    ['--conditions=@heapfloor/source', '--no-warnings', ...nodeOptions, '--input-type=module', '--eval', app],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  onStart(child);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const logged: Record<string, unknown>[] = [];
  const rssBytes: number[] = [];
  const printed: string[] = [];
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the app ended: ${stderr}`)));
    let resolveEnd: (end: InspectorEnd) => void;
    const end = new Promise<InspectorEnd>((done) => {
      resolveEnd = done;
    });
    createInterface(child.stdout).on('line', (line) => {
      if (!line.startsWith('{"type"')) {
        printed.push(line);
        return;
      }
      const { type, value } = JSON.parse(line) as { type: string; value: unknown };
      if (type === 'log') logged.push(value as Record<string, unknown>);
      if (type === 'rss') rssBytes.push(value as number);
      if (type === 'end') resolveEnd(value as InspectorEnd);
      if (type === 'access') {
        resolve({
          child,
          access: value as InspectorAccess,
          end,
          logged,
          rssBytes,
          printed,
          stderr: () => stderr,
          leftovers: () => readdirSync(directory),
        });
      }
    });
  });
}

export interface CdpClient {
  readonly socket: WebSocket;
  readonly call: (method: string, params?: object) => Promise<Record<string, unknown>>;
  /** The next notification of that name. */
  readonly next: (method: string) => Promise<Record<string, unknown>>;
  readonly onNotification: (listener: (method: string, params: Record<string, unknown>) => void) => void;
}

type Listener = (method: string, params: Record<string, unknown>) => void;

/** A client of the protocol that knows nothing of the server. */
export async function connectClient(url: string, options: ClientOptions = {}): Promise<CdpClient> {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  socket.on('error', () => {}); // a dropped client sees a reset
  const answers = new Map<number, (answer: Record<string, unknown>) => void>();
  const listeners = new Set<Listener>();
  let lastId = 0;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Record<string, unknown>;
    if (typeof message['id'] === 'number') answers.get(message['id'])?.(message);
    else for (const listener of listeners) listener(message['method'] as string, message['params'] as never);
  });
  await once(socket, 'open');
  return {
    socket,
    call: async (method, params) =>
      new Promise((resolve) => {
        lastId += 1;
        answers.set(lastId, resolve);
        socket.send(JSON.stringify({ id: lastId, method, params }));
      }),
    next: async (wanted) =>
      new Promise((resolve) => {
        const listener: Listener = (method, params) => {
          if (method !== wanted) return;
          listeners.delete(listener);
          resolve(params);
        };
        listeners.add(listener);
      }),
    onNotification: (listener) => void listeners.add(listener),
  };
}
