import { on, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCaptureApps } from '../testing/capture-app.fixture.ts';
import { parseTitle } from './isolates.ts';

const apps = createCaptureApps();
afterEach(apps.end);

/** `work` starts a worker; control starts when all of them are up, so that it has the last thread id. */
const WORKERS = `
  const { Worker } = require('node:worker_threads');
  const { once } = require('node:events');
  const ups = [];
  const work = (code, name) => {
    const worker = new Worker(code, { eval: true, ...(name && { name }) });
    ups.push(once(worker, 'online'));
    return worker;
  };
  setImmediate(() => Promise.all(ups).then(() => startControl()));`;
const IDLE = 'setInterval(() => {}, 1000)';
const OUTER = `
  const { Worker, parentPort } = require('node:worker_threads');
  new Worker('for (;;) ({})', { eval: true, name: 'inner' }).once('online', () => parentPort.postMessage('up')); ${IDLE}`;

describe('the isolates of a process', () => {
  it('are the main thread, its workers and the workers of those, but not the control thread', async () => {
    const result = await apps.run({
      app: `${WORKERS} work('${IDLE}'); ups.push(once(work(${JSON.stringify(OUTER)}, 'outer'), 'message'));`,
      control: async ({ main, openIsolates }) => {
        const opened = await openIsolates(main, { wanted: 'all' });
        const expression = `process.getBuiltinModule('worker_threads').threadId`;
        const listed = [];
        for (const { isolate, name, heapUsedBytes, evaluate } of opened.isolates) {
          listed.push([isolate, name, await evaluate(expression, 5_000), heapUsedBytes > 2 ** 20]);
        }
        await opened.close();
        return { listed, others: opened.others, problem: opened.workersProblem };
      },
    });
    expect(result).toEqual({
      listed: [
        ['main', '', 0, true],
        ['worker-1', '', 1, true],
        ['worker-2', 'outer', 2, true],
        ['worker-3', 'inner', 3, true],
      ],
      others: [],
      problem: null,
    });
  });

  it('are one worker where one is asked for; the others are named, not asked', async () => {
    const { isolates, others, missing } = await apps.run({
      app: `${WORKERS} work('${IDLE}', 'a'); work('${IDLE}', 'b');`,
      control: async ({ main, openIsolates }) => {
        const one = await openIsolates(main, { wanted: 'worker-2' });
        await one.close();
        const none = await openIsolates(main, { wanted: 'worker-77' });
        await none.close();
        return {
          isolates: one.isolates.map(({ isolate }) => isolate),
          others: one.others,
          missing: none.others.at(-1),
        };
      },
    });
    expect(isolates).toEqual(['worker-2']);
    expect(others).toEqual([
      { isolate: 'main', name: '', isCovered: false, reason: null },
      { isolate: 'worker-1', name: 'a', isCovered: false, reason: null },
    ]);
    expect(missing).toEqual({
      isolate: 'worker-77',
      name: '',
      isCovered: false,
      reason: 'the process has no worker-77; it may have ended',
    });
  });

  it('are covered but for a worker that is stuck in native code', async () => {
    const result = await apps.run({
      app: `${WORKERS} work('${IDLE}'); work('require("node:child_process").execFileSync("sleep", ["20"])', 'stuck');`,
      control: async ({ main, openIsolates }) => {
        const opened = await openIsolates(main, { wanted: 'all', answerTimeoutMs: 300 });
        await opened.close();
        return { isolates: opened.isolates.map(({ isolate }) => isolate), others: opened.others };
      },
    });
    expect(result.isolates).toEqual(['main', 'worker-1']);
    expect(result.others).toEqual([
      {
        isolate: 'worker-2',
        name: 'stuck',
        isCovered: false,
        reason: 'worker-2 did not answer Runtime.getHeapUsage within 300 ms',
      },
    ]);
  });

  it('are not asked for workers while workers come and go', async () => {
    const result = await apps.run({
      app: `${WORKERS} const next = () => work('').once('exit', next); next();`,
      control: async ({ main, openIsolates }) => {
        const { isolates, others, workersProblem } = await openIsolates(main, { wanted: 'all' });
        return { isolates: isolates.map(({ isolate }) => isolate), others, workersProblem };
      },
    });
    expect(result).toMatchObject({ isolates: ['main'], others: [] });
    expect(result.workersProblem).toMatch(/^[1-9]\d* threads of the process ended within 1000 ms; /);
  });

  it('are the main thread alone, and no worker is attached to, where the main thread is asked for', async () => {
    const result = await apps.run({
      app: `${WORKERS} work('${IDLE}');`,
      control: async ({ main, openIsolates }) => {
        const methods: string[] = [];
        const send: typeof main.send = async (method, params) => {
          methods.push(method);
          return main.send(method, params);
        };
        const { isolates } = await openIsolates({ ...main, send }, { wanted: 'main' });
        return { methods, isolates: isolates.map(({ isolate }) => isolate) };
      },
    });
    expect(result).toEqual({ methods: ['Runtime.getHeapUsage'], isolates: ['main'] });
  });
});

describe('a worker', () => {
  it('that ends while it is asked fails the question at once', async () => {
    const result = await apps.run({
      app: `${WORKERS} const first = work('${IDLE}');`,
      control: async ({ main, openIsolates }) => {
        const { isolates, close } = await openIsolates(main, { wanted: 'worker-1' });
        const params = { expression: 'new Promise(() => {})', awaitPromise: true };
        const asked = isolates[0]?.send('Runtime.evaluate', params, 20_000).then(String, String);
        await main.send('Runtime.evaluate', { expression: 'first.terminate()', awaitPromise: true });
        const pending = await asked;
        const later = await isolates[0]?.send('Runtime.getHeapUsage').then(String, String);
        await close();
        return { pending, later };
      },
    });
    expect(result.pending).toMatch(/^Error: worker-1 (?:has ended|failed: .*)$/);
    expect(result.later).toBe('Error: worker-1 has ended');
  });

  it('goes on when it is let go, ends as it would have, and one that starts meanwhile is not paused', async () => {
    const result = await apps.run({
      app: `${WORKERS}
        const first = work('require("node:worker_threads").parentPort.once("message", () => process.exit(7))');
        const endFirst = async () => (first.postMessage('end'), (await once(first, 'exit'))[0]);
        const startLate = async () => (await once(work('require("node:worker_threads").parentPort.postMessage("runs")'), 'message'))[0];`,
      control: async ({ main, openIsolates }) => {
        const evaluate = async (expression: string): Promise<unknown> => {
          const params = { expression, awaitPromise: true };
          return (await main.send<{ result: { value: unknown } }>('Runtime.evaluate', params)).result.value;
        };
        const { close } = await openIsolates(main, { wanted: 'all' });
        const late = await evaluate('startLate()');
        await close();
        return { late, exitCode: await evaluate('endFirst()') };
      },
    });
    expect(result).toEqual({ late: 'runs', exitCode: 7 });
  });

  it('keeps the debugger that a person has attached to it', async () => {
    let devtools: DevTools | null = null;
    const value = await apps.run({
      flags: ['--inspect=127.0.0.1:0'],
      app: `${WORKERS} work('globalThis.secretOfWorker = 41; ${IDLE}');`,
      control: async ({ main, openIsolates, delay, fileExists }) => {
        while (!fileExists('devtools-attached')) await delay(20);
        const { isolates, close } = await openIsolates(main, { wanted: 'all' });
        const read = await isolates[1]?.evaluate('secretOfWorker', 1_000);
        await close();
        return read;
      },
      onStderr: (text) => {
        const [url] = /ws:\S+/.exec(text) ?? [];
        if (url === undefined) return;
        void attachDevTools(url).then((attached) => {
          devtools = attached;
          writeFileSync(join(apps.directory(), 'devtools-attached'), '');
        });
      },
    });
    expect(value).toBe(41);
    expect(await (devtools as DevTools | null)?.evaluate('secretOfWorker + 1')).toMatchObject({ value: 42 });
    expect((devtools as DevTools | null)?.events).toEqual(['NodeWorker.receivedMessageFromWorker']);
  });
});

interface DevTools {
  readonly events: readonly string[];
  /** In the first worker. */
  readonly evaluate: (expression: string) => Promise<unknown>;
}

interface DevToolsMessage {
  readonly method?: string;
  readonly params?: {
    readonly sessionId: string;
    readonly message: string;
    readonly workerInfo: { readonly title: string };
  };
}

/** What Chrome's DevTools do about workers, over their own WebSocket. */
async function attachDevTools(url: string): Promise<DevTools> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const events: string[] = [];
  let sessionId = '';
  const messages = on(socket, 'message') as AsyncIterator<[{ data: string }]>;
  async function next(wanted: string): Promise<NonNullable<DevToolsMessage['params']>> {
    for (;;) {
      const { value } = (await messages.next()) as { value: [{ data: string }] };
      const { method = '', params } = JSON.parse(value[0].data) as DevToolsMessage;
      if (params?.sessionId === sessionId) events.push(method);
      if (method === wanted && params !== undefined) return params;
    }
  }
  const send = (method: string, params: object): void =>
    socket.send(JSON.stringify({ id: 1, method, params }));
  send('NodeWorker.enable', { waitForDebuggerOnStart: false });
  let worker = await next('NodeWorker.attachedToWorker');
  while (!worker.workerInfo.title.startsWith('[worker 1]'))
    worker = await next('NodeWorker.attachedToWorker');
  ({ sessionId } = worker);
  return {
    events,
    async evaluate(expression) {
      const message = JSON.stringify({ id: 9, method: 'Runtime.evaluate', params: { expression } });
      send('NodeWorker.sendMessageToWorker', { sessionId, message });
      const answer = JSON.parse((await next('NodeWorker.receivedMessageFromWorker')).message) as {
        result: { result: unknown };
      };
      return answer.result.result;
    },
  };
}

it.each([
  ['[worker 12] pool', 'worker-12', 'pool'],
  ['[worker 3] WorkerThread', 'worker-3', ''],
  ['[worker 4]', 'worker-4', ''],
])('the title %s is %s with the name %j', (title, isolate, name) => {
  expect(parseTitle(title)).toEqual({ isolate, name, isOwn: false });
});
