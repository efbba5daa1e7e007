/** An app with the main thread's part of a drain, and its thread. Its own HTTP server says what it does and can be blocked. */
import { spawn, type ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createDrainMemory } from './drain-cells.ts';
import type { FixtureOptions, FromMain, FromThread, HookBehaviour } from './drain-thread.fixture.ts';
import { countInFlight } from './in-flight.ts';
import { connectReadiness, isReady, setUp } from './readiness.ts';
import { createHookRunner, type DrainHook } from './run-hooks.ts';

export interface DrainedApp {
  readonly child: ChildProcess;
  readonly url: string;
  readonly probeAddress: string;
  /** Of the app's own server. */
  readonly get: (path: string) => Promise<string>;
  /** Of the thread. */
  readonly command: (path: string) => Promise<CommandAnswer>;
  /** What hooks and the channel saw. */
  readonly events: () => Promise<string[]>;
}

export interface CommandAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code?: string; readonly message: string };
}

export async function startDrainedApp(options: FixtureOptions): Promise<DrainedApp> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@heapfloor/source',
      '--no-warnings',
      fileURLToPath(import.meta.url),
      JSON.stringify(options),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await Promise.race([
    once(createInterface(child.stdout as NodeJS.ReadableStream), 'line'),
    once(child, 'exit').then(() => {
      throw new Error('the fixture ended before it listened');
    }),
  ])) as [string];
  const { url, commandUrl, probeAddress } = JSON.parse(line) as Record<string, string>;
  const get = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();
  return {
    child,
    url: url ?? '',
    probeAddress: probeAddress ?? '',
    get,
    command: async (path) => (await (await fetch(`${commandUrl}/${path}`)).json()) as CommandAnswer,
    events: async () => JSON.parse(await get('/events')) as string[],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(JSON.parse(process.argv[2] ?? '{}') as FixtureOptions);
}

async function main(options: FixtureOptions): Promise<void> {
  const events: string[] = [];
  const memory = createDrainMemory();
  const cells = new Int32Array(memory);
  const kept = Array.from({ length: options.objectCount ?? 0 }, (_, id) => ({ id, name: `n${id}` }));
  subscribe(
    'heapfloor:drain',
    (message) => void events.push(`channel ${(message as { type: string }).type}`),
  );
  if (options.startsDown === true) setUp(false);
  countInFlight(cells);
  const readiness = connectReadiness(cells);
  const worker = new Worker(new URL('./drain-thread.fixture.ts', import.meta.url), {
    workerData: { memory, options },
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's message has no origin
  const send = (message: FromMain): void => worker.postMessage(message);
  const hooks = createHookRunner(
    cells,
    {
      onDrain: createHook('onDrain', options.onDrain ?? 'works', events),
      onReturn: createHook('onReturn', options.onReturn ?? 'works', events),
    },
    send,
  );
  worker.once('exit', () => {
    hooks.stop();
    readiness.stop();
  });
  worker.on('error', (error) => void events.push(`thread error ${error.message}`));
  const server = createServer((request, response) => void serve(request, response, events));
  worker.on('message', (message: FromThread) => {
    if (message.type === 'drain') hooks.handle(message);
    else if (message.type === 'ask') send({ type: 'turn', question: message.question });
    else {
      server.listen(0, '127.0.0.1', () => {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        process.stdout.write(`${JSON.stringify({ ...message, url, kept: kept.length })}\n`);
      });
    }
  });
}

async function serve(
  { url = '' }: IncomingMessage,
  response: ServerResponse,
  events: readonly string[],
): Promise<void> {
  const { pathname, searchParams } = new URL(url, 'http://app');
  const ms = Number(searchParams.get('ms'));
  if (pathname === '/events') response.end(JSON.stringify(events));
  else if (pathname === '/is-ready') response.end(String(isReady()));
  else if (pathname === '/up') {
    setUp(true);
    response.end('up');
  } else if (pathname === '/cpu') {
    const { user, system } = process.cpuUsage();
    response.end(String(user + system));
  } else if (pathname === '/block') {
    response.end('blocking', () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    });
  } else setTimeout(() => void response.end('done'), ms);
}

function createHook(name: string, behaviour: HookBehaviour, events: string[]): DrainHook {
  return async (signal) => {
    events.push(name);
    if (behaviour === 'throws') throw new Error(`${name} is broken`);
    if (behaviour === 'hangs') await new Promise(() => {});
    // Ignores its signal at first, as a slow HTTP call would.
    if (behaviour === 'ends late') {
      await once(signal, 'abort');
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
      events.push(`${name} ended`);
    }
  };
}
