import { EventEmitter, once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as http2 from 'node:http2';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ARRIVED_COUNT, createDrainMemory, IN_FLIGHT_COUNT, IS_DRAINING } from './drain-cells.ts';
import { countInFlight } from './in-flight.ts';

let cells: Int32Array;
let counter: ReturnType<typeof countInFlight>;
const closers: (() => void)[] = [];

beforeEach(() => {
  cells = new Int32Array(createDrainMemory());
  counter = countInFlight(cells);
});
afterEach(() => {
  counter.stop();
  for (const close of closers.splice(0)) close();
});

const inFlight = (): number => Atomics.load(cells, IN_FLIGHT_COUNT);
const arrived = (): number => Atomics.load(cells, ARRIVED_COUNT);

describe('HTTP/1.1', () => {
  it('counts a request from its start until its response has closed', async () => {
    const app = await startServer();
    const socket = await send(app, 'GET /1 HTTP/1.1\r\nhost: a\r\n\r\n');
    const response = await app.nextResponse();
    expect([inFlight(), arrived()]).toEqual([1, 1]);
    response.end('x');
    await once(socket, 'data');
    await expect.poll(inFlight).toBe(0);
    expect(arrived()).toBe(1);
  });

  it.each([
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['hangs up', (socket: Socket) => socket.destroy()],
  ])('no longer counts a request whose client %s', async (_name, abort) => {
    const app = await startServer();
    const socket = await send(app, 'GET /1 HTTP/1.1\r\nhost: a\r\n\r\n');
    await app.nextResponse();
    expect(inFlight()).toBe(1);
    abort(socket);
    await expect.poll(inFlight).toBe(0);
  });

  it('no longer counts pipelined requests whose client hangs up, answered in part or not at all', async () => {
    const app = await startServer();
    const three = 'GET /1 HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(3);
    const socket = await send(app, three);
    const first = await app.nextResponse();
    await app.nextResponse();
    await app.nextResponse();
    expect(inFlight()).toBe(3);
    first.end('x');
    await expect.poll(inFlight).toBe(2);
    socket.destroy();
    await expect.poll(inFlight).toBe(0);
    expect(arrived()).toBe(3);
  });

  it('counts many requests on kept connections back to zero', async () => {
    const app = await startServer((response) => void response.end('x'));
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let count = 0; count < 25; count += 1) expect((await fetch(app.url)).status).toBe(200);
      }),
    );
    await expect.poll(inFlight).toBe(0);
    expect(arrived()).toBe(200);
  });

  it('does not count an upgraded connection', async () => {
    const app = await startServer();
    app.server.on('upgrade', (_request, socket: Socket) => {
      closers.push(() => socket.destroy());
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    });
    const socket = await send(
      app,
      'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    );
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain('101');
    expect([inFlight(), arrived()]).toEqual([0, 0]);
  });

  it('lets another thread read the count while this one is blocked', async () => {
    const app = await startServer();
    await send(app, 'GET /1 HTTP/1.1\r\nhost: a\r\n\r\n');
    await app.nextResponse();
    const answer = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(
      `const { cells, answer, cell } = require('node:worker_threads').workerData;
       Atomics.store(answer, 0, Atomics.load(cells, cell)); Atomics.notify(answer, 0);`,
      { eval: true, workerData: { cells, answer, cell: IN_FLIGHT_COUNT } },
    );
    expect(Atomics.wait(answer, 0, 0, 10_000)).not.toBe('timed-out');
    expect(Atomics.load(answer, 0)).toBe(1);
    await worker.terminate();
  });

  it('counts nothing more after it was stopped, and still what it had counted', async () => {
    const app = await startServer();
    await send(app, 'GET /1 HTTP/1.1\r\nhost: a\r\n\r\n');
    const response = await app.nextResponse();
    counter.stop();
    await send(app, 'GET /2 HTTP/1.1\r\nhost: a\r\n\r\n');
    await app.nextResponse();
    expect([inFlight(), arrived()]).toEqual([1, 1]);
    response.end('x');
    await expect.poll(inFlight).toBe(0);
  });
});

describe('while draining', () => {
  it('announces the end of a kept connection with the next answer, and only then', async () => {
    const app = await startServer((response) => void response.end('x'));
    expect((await get(app.url)).connection).toBe('keep-alive');
    Atomics.store(cells, IS_DRAINING, 1);
    expect((await get(app.url)).connection).toBe('close');
    Atomics.store(cells, IS_DRAINING, 0);
    expect((await get(app.url)).connection).toBe('keep-alive');
  });
});

describe('HTTP/2', () => {
  it('counts streams until they close, reset ones and pushed ones too', async () => {
    const streams: http2.ServerHttp2Stream[] = [];
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      streams.push(stream);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    client.on('stream', (pushed) => pushed.resume());
    closers.push(
      () => client.destroy(),
      () => server.close(),
    );
    const [one, two] = [client.request({ ':path': '/1' }), client.request({ ':path': '/2' })];
    two.on('error', () => {});
    one.resume();
    await expect.poll(() => streams.length).toBe(2);
    expect(inFlight()).toBe(2);
    const pushed = await new Promise<http2.ServerHttp2Stream>((resolve, reject) => {
      streams[0]?.pushStream({ ':path': '/3' }, (error, stream) => (error ? reject(error) : resolve(stream)));
    });
    expect([inFlight(), arrived()]).toEqual([3, 3]);
    pushed.respond();
    pushed.end('x');
    await expect.poll(inFlight).toBe(2);
    two.close(http2.constants.NGHTTP2_CANCEL);
    await expect.poll(inFlight).toBe(1);
    streams[0]?.respond();
    streams[0]?.end('x');
    await expect.poll(inFlight).toBe(0);
  });
});

interface App {
  readonly server: Server;
  readonly url: string;
  readonly port: number;
  readonly nextResponse: () => Promise<ServerResponse>;
}

async function startServer(handle?: (response: ServerResponse) => void): Promise<App> {
  const responses: ServerResponse[] = [];
  const arrivals = new EventEmitter();
  const server = createServer((_request, response) => {
    responses.push(response);
    handle?.(response);
    arrivals.emit('request');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    async nextResponse() {
      for (;;) {
        const response = responses.shift();
        if (response !== undefined) return response;
        await once(arrivals, 'request');
      }
    },
  };
}

async function send(app: App, text: string): Promise<Socket> {
  const socket = connect(app.port, '127.0.0.1');
  socket.on('error', () => {});
  closers.push(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function get(url: string): Promise<{ connection: string | undefined }> {
  const outgoing = request(url, { headers: { connection: 'keep-alive' } });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  return { connection: response.headers.connection };
}
