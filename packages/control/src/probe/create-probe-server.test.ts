import { once } from 'node:events';
import { statSync, mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDrainMemory, IS_DRAINING, IS_UP } from '../drain/drain-cells.ts';
import { createProbeServer, type ProbeServer } from './create-probe-server.ts';
import { createLease, type Lease } from './lease.ts';
import { createMainLoop, type MainLoop } from './main-loop.ts';
import { parseProbeAddress } from './parse-probe-address.ts';

const LIVENESS_TIMEOUT_MS = 50;

let cells: Int32Array;
let questions: number[];
let loop: MainLoop;
let lease: Lease;
let doesLoopTurn: boolean;
let server: ProbeServer;

beforeEach(async () => {
  cells = new Int32Array(createDrainMemory());
  Atomics.store(cells, IS_UP, 1);
  questions = [];
  doesLoopTurn = true;
  loop = createMainLoop((question) => {
    questions.push(question);
    setImmediate(() => {
      if (doesLoopTurn) loop.onTurn(question);
    });
  });
  lease = createLease(loop);
  server = await start('http://127.0.0.1:0');
});
afterEach(async () => server.close());

async function start(listen: string): Promise<ProbeServer> {
  return createProbeServer({
    address: parseProbeAddress(listen),
    cells,
    loop,
    lease,
    livenessTimeoutMs: LIVENESS_TIMEOUT_MS,
  });
}

describe('/readyz', () => {
  it('says 200 to a GET, and who may cache it', async () => {
    const answer = await get('/readyz');
    expect(answer).toEqual({ status: 200, body: { status: 'ok', reason: 'the main loop turns' } });
    const { headers } = await fetch(`${server.address}/readyz?verbose=1`);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('connection')).toBe('close');
  });

  it.each([
    ['while draining', IS_DRAINING, 1, 'out of service for a capture'],
    ['until the app is up', IS_UP, 0, 'the app is not up yet'],
  ])('says 503 %s', async (_name, cell, value, reason) => {
    Atomics.store(cells, cell, value);
    expect(await get('/readyz')).toEqual({ status: 503, body: { status: 'failed', reason } });
    expect((await get('/livez')).status).toBe(200);
  });

  it('says 503 where the main loop stands still, also under a lease', async () => {
    await blockLoop();
    lease.begin(10_000);
    expect((await get('/readyz')).status).toBe(503);
  });
});

describe('/livez', () => {
  it('asks the main loop when it is probed, and never else', async () => {
    expect(questions).toEqual([]);
    expect(await get('/livez')).toEqual({
      status: 200,
      body: { status: 'ok', reason: 'the main loop turns' },
    });
    expect(questions).toEqual([1]);
  });

  it('says 503 where the main loop did not turn for livenessTimeoutMs, and 200 when it turns again', async () => {
    await blockLoop();
    const { status, body } = await get('/livez');
    expect(status).toBe(503);
    const silentMs = Number(/did not turn for (\d+) ms; more than 50 ms/.exec(body.reason)?.[1]);
    expect(silentMs).toBeGreaterThan(LIVENESS_TIMEOUT_MS);
    loop.onTurn(1);
    expect((await get('/livez')).status).toBe(200);
  });

  it('says 200 under a lease, and the truth after it', async () => {
    await blockLoop();
    lease.begin(400);
    const { status, body } = await get('/livez');
    expect([status, body.reason]).toEqual([
      200,
      expect.stringMatching(/^a capture may hold the main thread for \d+ ms more$/),
    ]);
    await expect.poll(async () => (await get('/livez')).status).toBe(503);
    expect(lease.remainingMs()).toBe(0);
  });

  it('does not hold the pause of a lease against a loop that answers a little later', async () => {
    doesLoopTurn = false;
    lease.begin(10_000);
    expect((await get('/livez')).status).toBe(200);
    await expect.poll(() => loop.silentMs()).toBeGreaterThan(2 * LIVENESS_TIMEOUT_MS);
    lease.end();
    expect((await get('/livez')).status).toBe(200);
  });

  it('waits a moment for a loop that is just about to answer, as after a stop of the whole process', async () => {
    await blockLoop();
    const answer = get('/livez');
    setTimeout(() => loop.onTurn(1), 20);
    expect((await answer).status).toBe(200);
  });

  it('asks the main loop no more than ten times a second, however often it is probed', async () => {
    const startedMs = performance.now();
    for (let count = 0; count < 200; count += 1) await get('/livez');
    const seconds = (performance.now() - startedMs) / 1_000;
    expect(questions.length).toBeLessThanOrEqual(1 + seconds * 10);
  });
});

describe('what is no probe', () => {
  it.each([
    ['POST', '/livez', 405],
    ['DELETE', '/readyz', 405],
    ['OPTIONS', '/readyz', 405],
    ['GET', '/', 404],
    ['GET', '/livez/', 404],
    ['GET', '/v1/captures', 404],
    ['POST', '/v1/captures', 404],
    ['HEAD', '/livez', 200],
    ['HEAD', '/readyz', 200],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const answer = await send({ method, path });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers.allow).toBe(status === 405 ? 'GET, HEAD' : undefined);
    expect(answer.body === '').toBe(method === 'HEAD');
  });

  it('answers a second request on the connection never: each probe has its own', async () => {
    const socket = await open();
    socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2));
    expect((await text(socket)).match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  });

  it('hangs up on what is not HTTP, and on headers that are too large', async () => {
    for (const bytes of [
      '\x16\x03\x01 hello',
      `GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(9_000)}\r\n\r\n`,
    ]) {
      const socket = await open();
      socket.write(bytes);
      expect(await text(socket)).toBe('');
    }
  });

  it('ends a client that sends nothing, or a header now and then', async () => {
    const [idle, slow] = [await open(), await open()];
    slow.write('GET /livez HTTP/1.1\r\n');
    const drip = setInterval(() => slow.write('x: y\r\n'), 200);
    const startedMs = performance.now();
    await Promise.all([once(idle, 'close'), once(slow, 'close')]);
    clearInterval(drip);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('answers a prober also while somebody holds every connection', async () => {
    const held = await Promise.all(Array.from({ length: 100 }, open));
    expect((await get('/livez')).status).toBe(200);
    for (const socket of held) socket.destroy();
  });
});

describe('where it listens', () => {
  it('may be a Unix socket that any user may probe', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hf-probe-'));
    const socketPath = join(folder, 'probe.sock');
    const other = await start(`unix:${socketPath}`);
    expect(other.address).toBe(`unix:${socketPath}`);
    expect(statSync(socketPath).mode & 0o777).toBe(0o666);
    const outgoing = request({ socketPath, path: '/livez', agent: false }).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await other.close();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['http://0.0.0.0:9466', '0.0.0.0', 9466],
    ['http://[::]:9466', '::', 9466],
    ['http://127.0.0.1:0', '127.0.0.1', 0],
  ])('may be %s', (listen, host, port) => {
    expect(parseProbeAddress(listen)).toMatchObject({ host, port, socketPath: null });
  });

  it.each(['https://0.0.0.0:9466', '0.0.0.0:9466', '9466', 'http://0.0.0.0:9466/livez', 'unix:relative', ''])(
    'is not %j',
    (listen) => {
      expect(() => parseProbeAddress(listen)).toThrow(/^probeListen: "/);
    },
  );

  it('is free again when it was closed, though clients are connected', async () => {
    const socket = await open();
    const closed = once(socket, 'close');
    socket.write('GET /livez HTTP/1.1\r\nhost:');
    // The other probe was answered after that was read.
    await get('/livez');
    const startedMs = performance.now();
    await server.close();
    await closed;
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    const again = connect(Number(new URL(server.address).port), '127.0.0.1');
    const [error] = (await once(again, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});

async function blockLoop(): Promise<void> {
  doesLoopTurn = false;
  loop.ask();
  await expect.poll(() => loop.silentMs()).toBeGreaterThan(LIVENESS_TIMEOUT_MS);
}

async function get(path: string): Promise<{ status: number; body: { status: string; reason: string } }> {
  const response = await fetch(`${server.address}${path}`);
  return { status: response.status, body: (await response.json()) as { status: string; reason: string } };
}

async function send(
  options: RequestOptions,
): Promise<Pick<IncomingMessage, 'statusCode' | 'headers'> & { body: string }> {
  const outgoing = request(server.address, { ...options, agent: false }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { statusCode: response.statusCode, headers: response.headers, body: await text(response) };
}

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
