import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPipe, EXPECTED_METRICS, recordAll, type PipeEnv } from '../testing/register-pipe.ts';
import { createPool, freePort } from '../testing/register-run.ts';
import type { SinkAnswer, SinkExport } from '../testing/otlp-sink.ts';
import { loadExporter } from './create-exporter.ts';
import type { ExportFailure } from './export-failure.ts';
import { OTLP_PROTOCOLS, readExportEnv } from './read-register-env.ts';

const pool = createPool();
const servers: Server[] = [];
afterEach(async () => {
  await pool.close();
  for (const server of servers.splice(0)) server.close();
  vi.unstubAllEnvs();
});

/** A server of no protocol. @returns its address. */
async function serve(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const CONTENT_TYPES = { 'http/json': 'application/json', 'http/protobuf': 'application/x-protobuf' };

/** `ExportMetricsServiceResponse` with 3 rejected points and the message `old`, by hand. */
const PARTIAL_PROTOBUF = Buffer.from([0x0a, 7, 0x08, 3, 0x12, 3, 0x6f, 0x6c, 0x64]);
const PARTIAL_JSON = '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"old"}}';
const PARTIAL = { 'http/json': PARTIAL_JSON, 'http/protobuf': PARTIAL_PROTOBUF };

describe.each(OTLP_PROTOCOLS)('createExporter for %s', (protocol) => {
  const base = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol };

  async function exportOnce(env: PipeEnv): Promise<ExportFailure | null | undefined> {
    const pipe = await createPipe({ ...base, ...env });
    recordAll(pipe);
    await pipe.reader.push();
    expect(pipe.results).toHaveLength(1);
    return pipe.results[0];
  }

  async function answerOf(answer: SinkAnswer | null, env: PipeEnv = {}) {
    const { endpoint } = await pool.startSink({ answer: () => answer });
    return exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env });
  }

  it('speaks it: every kind of metric, with its values, resource, scope and headers', async () => {
    const sink = await pool.startSink();
    const result = await exportOnce({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=abc%20d,x-b=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-b=2',
    });
    expect(result).toBeNull();
    const [one] = sink.exports as [SinkExport];
    expect([...one.metrics.values()]).toEqual(EXPECTED_METRICS);
    expect(one.resource).toEqual({ 'service.name': 'shop', 'process.pid': 7 });
    expect(one.scopes).toEqual(['test-scope']);
    expect(one.url).toBe('/v1/metrics');
    expect(one.headers).toMatchObject({
      'content-type': CONTENT_TYPES[protocol],
      'x-api-key': 'abc d',
      'x-b': '2',
    });
  });

  it('compresses if it is asked to', async () => {
    const sink = await pool.startSink();
    await exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP' });
    expect(sink.exports[0]?.headers['content-encoding']).toBe('gzip');
    expect(sink.exports[0]?.metrics.get('count')?.points[0]?.value).toBe(300);
  });

  it('sends deltas of counters if it is asked to', async () => {
    const sink = await pool.startSink();
    await exportOnce({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta',
    });
    const temporalities = [...(sink.exports[0]?.metrics.values() ?? [])].map((metric) => metric.temporality);
    expect(temporalities).toEqual([1, 2, undefined, 1]);
  });

  it('takes an empty answer and one of another kind for a success', async () => {
    expect(await answerOf({ body: '' })).toBeNull();
    expect(await answerOf({ body: 'ok' })).toBeNull();
  });

  it('takes rejected points for a failure', async () => {
    const headers = { 'content-type': CONTENT_TYPES[protocol] };
    expect(await answerOf({ body: PARTIAL[protocol], headers })).toEqual({
      type: 'rejected',
      reason: 'rejected 3 data points: old',
    });
  });

  it.each([
    [{ status: 400, body: '{"message":"no unit"}' }, 'http', 'HTTP 400 Bad Request: {"message":"no unit"}'],
    [{ status: 401, body: 'key abc is wrong' }, 'http', 'HTTP 401 Unauthorized'],
    [{ status: 404, body: '<p>no' }, 'http', 'HTTP 404 Not Found'],
    [{ status: 302, headers: { location: '/login' }, body: '' }, 'http', 'HTTP 302 Found'],
    [{ status: 500, body: '' }, 'http', 'HTTP 500 Internal Server Error'],
    [
      { status: 503, headers: { 'retry-after': '1' } },
      'http',
      'overloaded or away: HTTP 429, 502, 503 or 504',
    ],
    [{ body: '<html>Log in</html>' }, 'http', 'answered with a page: not a collector'],
    [
      { body: Buffer.alloc(5_000_000) },
      'other',
      'OTLP export response body exceeded size limit of 4194304 bytes',
    ],
  ] as const)('takes %j for a failure of type %s', async (answer, type, reason) => {
    expect(await answerOf(answer)).toEqual({ type, reason });
  });

  it('asks once only, however the collector fails', async () => {
    const sink = await pool.startSink({ answer: () => ({ status: 503, headers: { 'retry-after': '0' } }) });
    await exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint });
    expect(sink.exports).toHaveLength(1);
  });

  it('gives up a collector that hangs', async () => {
    const result = await answerOf(null, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
    expect(result).toEqual({ type: 'timeout', reason: 'Request timed out' });
  });

  it('gives up a collector whose answer never ends', async () => {
    const sockets: Socket[] = [];
    const server = await serve((socket) => {
      sockets.push(socket);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 50);
      socket.once('close', () => clearInterval(timer));
    });
    const result = await exportOnce({
      OTEL_EXPORTER_OTLP_ENDPOINT: server,
      OTEL_METRIC_EXPORT_TIMEOUT: '300',
    });
    expect(result).toEqual({ type: 'timeout', reason: 'no answer within 300 ms' });
    const [socket] = sockets as [Socket];
    if (!socket.closed) await once(socket, 'close');
  });

  it('tells what is wrong with a connection', async () => {
    const refused = await exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
    expect(refused).toMatchObject({ type: 'connection', reason: expect.stringContaining('ECONNREFUSED') });
    const unknown = await exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4318' });
    expect(unknown).toMatchObject({
      type: 'connection',
      reason: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
  });

  it.each([
    // What a gRPC server says to HTTP/1.1: a SETTINGS frame of HTTP/2 and a good-bye.
    [
      Buffer.from('00000c04000000000000030000006400040010000000000', 'hex'),
      'http',
      'is it the port of gRPC (4317)?',
    ],
    [Buffer.from('+OK hello\r\n'), 'http', 'not HTTP/1.1'],
    [Buffer.alloc(0), 'connection', 'socket hang up'],
  ])('tells of a server that answers %o', async (bytes, type, reason) => {
    const server = await serve((socket) => socket.end(bytes));
    const result = await exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: server });
    expect(result).toMatchObject({ type, reason: expect.stringContaining(reason) });
  });

  it('does not throw for headers that HTTP refuses', async () => {
    const result = await answerOf({}, { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%0Asecret' });
    expect(result?.type).toBe('other');
    expect(result?.reason).not.toContain('secret');
  });

  it('has the shape inside that we take it apart by', async () => {
    const { settings } = readExportEnv(base);
    if (settings === null) throw new Error('no settings');
    const exporter = (await loadExporter(settings, {}))() as unknown as {
      _delegate: { _transport: object; _serializer: { deserializeResponse: unknown } };
    };
    expect(Object.keys(exporter._delegate._transport)).toEqual(['send', 'shutdown']);
    expect(exporter._delegate._serializer.deserializeResponse).toBeTypeOf('function');
  });
});
