import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  connectClient,
  createInspectedApps,
  type CdpClient,
  type InspectedApp,
} from './inspector-app.fixture.ts';

const apps = createInspectedApps();
afterEach(apps.end);

/** From the app itself, which prints its count when it goes on. */
const PRINTS_COUNT = `setInterval(() => console.log('count', globalThis.count), 20);`;

async function evaluate(client: CdpClient, expression: string): Promise<unknown> {
  const { result } = await client.call('Runtime.evaluate', {
    expression,
    awaitPromise: expression.startsWith('new Promise'), // which a stuck main thread never resolves
    returnByValue: true,
  });
  return (result as { result: { value: unknown } }).result.value;
}

async function pauseInTurn(client: CdpClient): Promise<Record<string, unknown>> {
  await client.call('Debugger.enable');
  const paused = client.next('Debugger.paused');
  const { result } = await client.call('Runtime.evaluate', { expression: 'globalThis.turn' });
  const { objectId } = (result as { result: { objectId: string } }).result;
  await client.call('Debugger.setBreakpointOnFunctionCall', { objectId });
  return paused;
}

/** Resolves when the app, which was paused, has printed a higher count than any before. */
async function untilItGoesOn(app: InspectedApp): Promise<void> {
  const before = app.printed.length;
  await expect.poll(() => app.printed.length, { timeout: 5_000 }).toBeGreaterThan(before + 2);
}

async function connectOutcome(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}

describe('an open inspector', () => {
  it('runs what DevTools asks of the main isolate and passes its answers, errors and notifications', async () => {
    const app = await apps.start();
    const client = await connectClient(app.access.webSocketUrl, { origin: 'devtools://devtools' });
    expect(await evaluate(client, 'new Promise((done) => setTimeout(done, 1, process.pid))')).toBe(
      app.child.pid,
    );
    const logged = client.next('Runtime.consoleAPICalled');
    expect((await client.call('Runtime.enable'))['result']).toEqual({});
    await client.call('Runtime.evaluate', { expression: 'console.log("seen")' });
    expect(await logged).toMatchObject({ type: 'log', args: [{ value: 'seen' }] });
    expect((await client.call('Nope.nothing'))['error']).toEqual({
      code: -32_601,
      message: "'Nope.nothing' wasn't found",
    });
    expect((await client.call('Profiler.enable'))['result']).toEqual({});
    await client.call('Profiler.start');
    expect((await client.call('Profiler.stop'))['result']).toMatchObject({
      profile: { nodes: expect.anything() },
    });
    expect((await client.call('Network.enable'))['result']).toEqual({});
    expect((await client.call('NodeRuntime.enable'))['result']).toEqual({});
  });

  it('answers what is no command instead of ending the session', async () => {
    const app = await apps.start();
    const client = await connectClient(app.access.webSocketUrl);
    const codes: number[] = [];
    client.socket.on('message', (data: Buffer) => {
      codes.push((JSON.parse(data.toString()) as { error: { code: number } }).error.code);
    });
    for (const text of [
      '{',
      '[]',
      '{"id":"1","method":"Runtime.enable"}',
      '{"id":1,"method":"Target.setAutoAttach"}',
    ])
      client.socket.send(text);
    await expect.poll(() => codes).toEqual([-32_700, -32_600, -32_600, -32_601]);
  });

  it('pauses a main thread that is stuck in an endless loop', async () => {
    const app = await apps.start();
    const client = await connectClient(app.access.webSocketUrl);
    const code = '() => { globalThis.stuck = true; while (globalThis.stuck); console.log("out"); }';
    await client.call('Runtime.evaluate', { expression: `setTimeout(${code})` });
    await expect.poll(async () => evaluate(client, 'globalThis.stuck === true')).toBe(true);
    await client.call('Debugger.enable');
    const paused = client.next('Debugger.paused');
    await client.call('Debugger.pause');
    await paused;
    await evaluate(client, 'globalThis.stuck = false');
    await client.call('Debugger.resume');
    await expect.poll(() => app.printed).toContain('out');
  });

  it('shows the workers of the app but not the thread that closes it', async () => {
    const app = await apps.start({
      code: `startWorker('setInterval(() => {}, 10)', 'mine');`,
    });
    const client = await connectClient(app.access.webSocketUrl);
    const titles: string[] = [];
    const sessionIds = new Set<string>();
    client.onNotification((method, params) => {
      if (method !== 'NodeWorker.attachedToWorker') return;
      titles.push((params['workerInfo'] as { title: string }).title);
      sessionIds.add(params['sessionId'] as string);
    });
    await client.call('NodeWorker.enable', { waitForDebuggerOnStart: false });
    await expect.poll(() => titles).toEqual([expect.stringMatching(/^\[worker \d+\] mine$/)]);
    const own = ['1', '2'].filter((id) => !sessionIds.has(id));
    expect(own).toHaveLength(1);
    const message = JSON.stringify({ id: 1, method: 'Debugger.pause' });
    const { error } = await client.call('NodeWorker.sendMessageToWorker', { sessionId: own[0], message });
    expect(error).toMatchObject({ code: -32_000, message: expect.stringContaining('cannot be debugged') });
  });

  it('works beside a debugger port of the app itself', async () => {
    const app = await apps.start({ nodeOptions: ['--inspect=0'] });
    const client = await connectClient(app.access.webSocketUrl);
    await pauseInTurn(client);
    expect((await client.call('Debugger.resume'))['result']).toEqual({});
  });
});

describe('the gate', () => {
  const cases: [name: string, change: { path?: string; headers?: Record<string, string> }][] = [
    ['a foreign Host, as DNS rebinding sends it', { headers: { host: 'evil.example' } }],
    ['a Host that only begins with loopback', { headers: { host: '127.0.0.1.evil.example' } }],
    ['the Origin of a web page', { headers: { origin: 'http://127.0.0.1' } }],
    ['the Origin of an extension', { headers: { origin: 'chrome-extension://abc' } }],
    ['no Origin but an opaque one', { headers: { origin: 'null' } }],
    ['a wrong token', { path: `/${'A'.repeat(43)}` }],
    ['no token', { path: '/' }],
    ['the token and more', { path: 'TOKEN/json' }],
    ['the list that other inspectors have', { path: '/json/list' }],
  ];
  it.each(cases)('answers 404 to %s, with and without an upgrade', async (_name, change) => {
    const app = await apps.start();
    const token = new URL(app.access.webSocketUrl).pathname;
    const path = (change.path ?? token).replace('TOKEN', token);
    const headers = { host: `127.0.0.1:${app.access.port}`, ...change.headers };
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    const expected = 'HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
    expect(await ask(app.access.port, path, { ...headers, ...upgrade })).toBe(expected);
    expect(await ask(app.access.port, path, headers)).toBe(expected);
    expect(JSON.stringify(app.logged)).not.toContain(token.slice(1));
    const client = await connectClient(app.access.webSocketUrl);
    expect(await evaluate(client, '1 + 1')).toBe(2);
  });

  it.each(['localhost', '[::1]', '127.0.0.1:9'])('takes the Host %s, as a tunnel sends it', async (host) => {
    const app = await apps.start();
    const client = await connectClient(app.access.webSocketUrl, { headers: { host } });
    expect(await evaluate(client, '1 + 1')).toBe(2);
  });

  it('answers 404 to a POST with the token', async () => {
    const app = await apps.start();
    const { port, webSocketUrl } = app.access;
    expect(await ask(port, new URL(webSocketUrl).pathname, { host: 'localhost' }, 'POST')).toMatch(
      /^HTTP\/1.1 404 /,
    );
  });

  it('refuses a second client with 409 and serves the first', async () => {
    const app = await apps.start();
    const first = await connectClient(app.access.webSocketUrl);
    const second = new WebSocket(app.access.webSocketUrl);
    const [error] = (await once(second, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 409');
    expect(await evaluate(first, '1 + 1')).toBe(2);
  });

  it('listens on 127.0.0.1 alone, on the port that was asked for', async () => {
    const port = await freePort();
    const app = await apps.start({ options: { port } });
    expect(app.access.port).toBe(port);
    const other = createServer().listen(port, '127.0.0.2');
    await once(other, 'listening'); // a listener on all addresses would not leave it free
    other.close();
  });

  it('says which port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(apps.start({ options: { port } })).rejects.toThrow(
      `The inspector cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
    );
    taken.close();
  });
});

describe('closing', () => {
  it('closes when its time is over, with nobody there, and proves it', async () => {
    const app = await apps.start({ options: { ttlMs: 300 } });
    const end = await app.end;
    expect(end).toMatchObject({ reason: 'ttl', detail: null, doubt: null });
    const lateMs = Date.parse(end.provenClosedAt ?? '') - Date.parse(app.access.expiresAt);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(2_000);
    expect(await connectOutcome(app.access.port)).toBe('ECONNREFUSED');
    expect(app.logged.map(({ event }) => event)).toEqual(['inspector-opened', 'inspector-closed']);
  });

  it('never stays open for longer than ten minutes', async () => {
    const before = Date.now();
    const app = await apps.start({ options: { ttlMs: 3_600_000 } });
    expect(Date.parse(app.access.expiresAt) - before).toBeLessThan(605_000);
  });

  it('closes when the client leaves, and a paused app goes on', async () => {
    const app = await apps.start({ code: PRINTS_COUNT });
    const client = await connectClient(app.access.webSocketUrl);
    expect(await pauseInTurn(client)).toMatchObject({ callFrames: expect.anything() });
    client.socket.close();
    expect(await app.end).toMatchObject({ reason: 'client left', doubt: null });
    await untilItGoesOn(app);
    expect(await connectOutcome(app.access.port)).toBe('ECONNREFUSED');
  });

  it('cuts off a client when the time is over, and a paused app goes on', async () => {
    const app = await apps.start({ code: PRINTS_COUNT, options: { ttlMs: 1_500 } });
    const client = await connectClient(app.access.webSocketUrl);
    const closed = once(client.socket, 'close');
    await pauseInTurn(client);
    const printedCount = app.printed.length;
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([1001, 'ttl']);
    expect(app.printed.length - printedCount).toBeLessThanOrEqual(3);
    expect(await app.end).toMatchObject({ reason: 'ttl', doubt: null });
    await untilItGoesOn(app);
  });

  it('closes when it is told to', async () => {
    const app = await apps.start({ code: `process.stdin.once('data', () => control.postMessage('close'));` });
    await connectClient(app.access.webSocketUrl);
    app.child.stdin?.write('x');
    expect(await app.end).toMatchObject({ reason: 'stopped', doubt: null });
  });

  it('lets workers go that are paused, or held before their start', async () => {
    const app = await apps.start({
      code: `
        const busy = startWorker('const { parentPort } = require("node:worker_threads"); setInterval(() => parentPort.postMessage("busy"), 20)', 'busy');
        busy.on('message', (text) => console.log(text));
        globalThis.spawnLate = () => { startWorker('require("node:worker_threads").parentPort.postMessage("late")', 'late').on('message', (text) => console.log(text)); };`,
    });
    const client = await connectClient(app.access.webSocketUrl);
    const attached = client.next('NodeWorker.attachedToWorker');
    await client.call('NodeWorker.enable', { waitForDebuggerOnStart: true });
    const { sessionId } = await attached;
    const paused = new Promise<void>((resolve) => {
      client.onNotification((_method, params) => {
        if (String(params?.['message']).includes('"Debugger.paused"')) resolve();
      });
    });
    for (const [index, method] of ['Debugger.enable', 'Debugger.pause'].entries())
      await client.call('NodeWorker.sendMessageToWorker', {
        sessionId,
        message: JSON.stringify({ id: index, method }),
      });
    await paused;
    const late = client.next('NodeWorker.attachedToWorker');
    await evaluate(client, 'globalThis.spawnLate()');
    expect(await late).toMatchObject({ waitingForDebugger: true });
    const printedCount = app.printed.length;
    client.socket.close();
    await app.end;
    await expect.poll(() => app.printed.slice(printedCount)).toContain('late');
    await expect.poll(() => app.printed.slice(printedCount)).toContain('busy');
  });

  it('lets an app end while one of its workers is paused', async () => {
    const app = await apps.start({
      code: `startWorker('setInterval(() => {}, 10)', 'busy'); process.stdin.once('data', () => process.exit(7));`,
    });
    const client = await connectClient(app.access.webSocketUrl);
    const attached = client.next('NodeWorker.attachedToWorker');
    await client.call('NodeWorker.enable', { waitForDebuggerOnStart: false });
    const { sessionId } = await attached;
    const paused = new Promise<void>((resolve) => {
      client.onNotification((_method, params) => {
        if (String(params['message']).includes('"Debugger.paused"')) resolve();
      });
    });
    for (const [id, method] of ['Debugger.enable', 'Debugger.pause'].entries())
      await client.call('NodeWorker.sendMessageToWorker', {
        sessionId,
        message: JSON.stringify({ id, method }),
      });
    await paused;
    const exited = once(app.child, 'exit');
    app.child.stdin?.write('x');
    expect(await exited).toEqual([7, null]);
    expect(app.stderr()).not.toContain('Waiting for the debugger');
  });

  it('drops a client whose network has died, so that a paused app goes on', async () => {
    const app = await apps.start({ code: PRINTS_COUNT, options: { clientSilenceMs: 400 } });
    const client = await connectClient(app.access.webSocketUrl, { autoPong: false });
    await pauseInTurn(client);
    expect(await app.end).toMatchObject({
      reason: 'client dropped',
      detail: 'the client took nothing for 400 ms',
    });
    await untilItGoesOn(app);
  });

  it('drops a client that sends more than a message may hold, or no text', async () => {
    for (const [message, detail] of [
      [Buffer.alloc(16 * 2 ** 20 + 1, 'x').toString(), 'Max payload size exceeded'],
      [Buffer.from('x'), 'a binary message'],
    ] as const) {
      const app = await apps.start();
      const client = await connectClient(app.access.webSocketUrl);
      client.socket.send(message);
      expect(await app.end).toMatchObject({ reason: 'client dropped', detail });
    }
  });

  it.each([[[]], [['--inspect=0']]])(
    'an app that ends with a client, under %j, ends at once and in silence',
    async (nodeOptions) => {
      const app = await apps.start({
        nodeOptions,
        code: `process.stdin.once('data', () => process.exit(7));`,
      });
      const client = await connectClient(app.access.webSocketUrl);
      await client.call('NodeRuntime.enable');
      await client.call('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
      await client.call('Debugger.enable');
      const startedMs = performance.now();
      const exited = once(app.child, 'exit');
      app.child.stdin?.write('x');
      expect(await exited).toEqual([7, null]);
      expect(performance.now() - startedMs).toBeLessThan(5_000); // the latch gives up after 10 s
      expect(app.stderr()).not.toContain('Waiting for the debugger');
    },
  );
});

describe('a snapshot that DevTools takes', () => {
  const HEAP = `globalThis.kept = Array.from({ length: 200_000 }, (_, n) => ({ n, m: { n } }));`;

  it('arrives whole at a client that is slow, and waits on disk meanwhile', async () => {
    const app = await apps.start({ code: HEAP });
    const client = await connectClient(app.access.webSocketUrl);
    let text = '';
    client.onNotification((method, params) => {
      if (method === 'HeapProfiler.addHeapSnapshotChunk') text += params['chunk'] as string;
    });
    // As a tunnel does it: the reader stops every 4 MB for a moment.
    let sinceStopBytes = 0;
    const tcp = (client.socket as unknown as { _socket: Socket })._socket;
    tcp.on('data', (chunk: Buffer) => {
      sinceStopBytes += chunk.length;
      if (sinceStopBytes < 4 * 2 ** 20) return;
      sinceStopBytes = 0;
      client.socket.pause();
      setTimeout(() => client.socket.resume(), 20);
    });
    expect((await client.call('HeapProfiler.takeHeapSnapshot'))['result']).toEqual({});
    const { snapshot, nodes } = JSON.parse(text) as {
      snapshot: { node_count: number; meta: { node_fields: string[] } };
      nodes: number[];
    };
    expect(snapshot.node_count).toBeGreaterThan(400_000);
    expect(nodes).toHaveLength(snapshot.node_count * snapshot.meta.node_fields.length);
    expect(app.leftovers()).toEqual([]);
  });

  it('is given up where it would take more disk than allowed', async () => {
    const app = await apps.start({ code: HEAP, options: { maxSpillBytes: 2 ** 20 } });
    const client = await connectClient(app.access.webSocketUrl);
    client.socket.pause();
    void client.call('HeapProfiler.takeHeapSnapshot');
    expect(await app.end).toMatchObject({
      reason: 'client dropped',
      detail: 'Error: more than 1048576 bytes wait for the client',
    });
    expect(app.leftovers()).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function ask(
  port: number,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(socket, 'close');
  return text;
}
