/** The control thread's part of a drain and of the probes, alone: commands come over HTTP, so also while the app is blocked. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { Log } from '../log.ts';
import { createProbeServer } from '../probe/create-probe-server.ts';
import { createLease } from '../probe/lease.ts';
import { createMainLoop } from '../probe/main-loop.ts';
import { parseProbeAddress } from '../probe/parse-probe-address.ts';
import { createDrain } from './drain.ts';
import type { DrainReply, DrainRequest } from './drain-messages.ts';

export interface FixtureOptions {
  readonly noticeMs?: number;
  readonly timeoutMs?: number;
  readonly livenessTimeoutMs?: number;
  readonly probeListen?: string;
  readonly onDrain?: HookBehaviour;
  readonly onReturn?: HookBehaviour;
  /** The app says that it is up only when it is asked to. */
  readonly startsDown?: boolean;
  /** Objects that a snapshot has to hold. */
  readonly objectCount?: number;
}

export type HookBehaviour = 'works' | 'throws' | 'hangs' | 'ends late';

export type FromMain = DrainReply | { readonly type: 'turn'; readonly question: number };
export type FromThread =
  | DrainRequest
  | { readonly type: 'ask'; readonly question: number }
  | { readonly type: 'ready'; readonly commandUrl: string; readonly probeAddress: string };

const { memory, options } = workerData as { memory: SharedArrayBuffer; options: FixtureOptions };
const port = parentPort;
if (port === null) throw new Error('this is a worker');
const send = (message: FromThread): void => port.postMessage(message);

const cells = new Int32Array(memory);
const entries: unknown[] = [];
const log: Log = (event, fields) => void entries.push({ event, ...fields });
const loop = createMainLoop((question) => send({ type: 'ask', question }));
const lease = createLease(loop);
const { noticeMs = 50, timeoutMs = 5_000, livenessTimeoutMs = 300 } = options;
const drain = createDrain({ cells, noticeMs, timeoutMs, send, loop, log });
port.on('message', (message: FromMain) => {
  if (message.type === 'turn') loop.onTurn(message.question);
  else drain.onReply(message);
});

let aborter = new AbortController();

const commands: Readonly<Record<string, (query: URLSearchParams) => unknown>> = {
  async enter() {
    const phases: string[] = [];
    aborter = new AbortController();
    await drain.enter((text) => void phases.push(text), aborter.signal);
    return phases;
  },
  leave: async () => drain.leave(),
  abort: () => aborter.abort(new Error('control stops')),
  isDraining: () => drain.isDraining,
  log: () => entries,
  lease: (query) => lease.begin(Number(query.get('ms'))),
  endLease: () => lease.end(),
  die: () => process.exit(1),
  /** A drained snapshot, as control takes it. */
  async capture(query) {
    await drain.enter(() => {});
    try {
      lease.begin(60_000);
      return await snapshot(query.get('file') ?? '');
    } finally {
      lease.end();
      await drain.leave();
    }
  },
};

async function snapshot(file: string): Promise<number> {
  const session = new Session();
  session.connectToMainThread();
  const startedMs = performance.now();
  const expression = `process.getBuiltinModule('v8').writeHeapSnapshot(${JSON.stringify(file)})`;
  await session.post('Runtime.evaluate', { expression });
  session.disconnect();
  return performance.now() - startedMs;
}

async function run({ url = '' }: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(url, 'http://thread');
  try {
    return { result: await commands[pathname.slice(1)]?.(searchParams) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { error: { code, message } };
  }
}

const server = createServer((request, response) => {
  void run(request).then((answer) => response.end(JSON.stringify(answer)));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = parseProbeAddress(options.probeListen ?? 'http://127.0.0.1:0');
const probes = await createProbeServer({ address, cells, loop, lease, livenessTimeoutMs });
const commandUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
send({ type: 'ready', commandUrl, probeAddress: probes.address });
