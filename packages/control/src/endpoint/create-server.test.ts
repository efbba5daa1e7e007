import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { sign as signWith } from '../testing/control-app.fixture.ts';
import { FULL_KEY, startEndpoint, type Endpoint, type EndpointOptions } from '../testing/endpoint.fixture.ts';

let endpoint: Endpoint | null = null;
afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
});

const start = async (options: EndpointOptions = {}): Promise<Endpoint> =>
  (endpoint = await startEndpoint(options));
const codes = ({ logged }: Endpoint): unknown[] => logged.map(({ fields }) => fields['code']);
const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const CAPTURE = { action: 'capture', captureId: 'pipelined-1', kind: 'heap-profile', alertFingerprint: null };

describe('who speaks no HTTP', () => {
  it('gets one answer and no connection', async () => {
    const { sendRaw, ...at } = await start();
    expect(await sendRaw('hello\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 .*application\/problem\+json.*"CONTROL_REQUEST_MALFORMED"/s,
    );
    expect(codes(at as Endpoint)).toEqual(['CONTROL_REQUEST_MALFORMED']);
  });

  it.each([
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    ['a length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a bare line feed in a header', 'X: a\nY: b\r\n\r\n'],
  ])('is refused with %s, which two parsers could read in two ways', async (_what, rest) => {
    const { sendRaw } = await start();
    expect(await sendRaw(`POST /v1/captures HTTP/1.1\r\nHost: x\r\n${rest}`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('gets nothing behind a good request: an answer would be taken for that request’s', async () => {
    const { sendRaw, logged } = await start();
    const token = await signWith(CAPTURE, { key: FULL_KEY.privateKey });
    const head = `POST /v1/captures HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 0\r\n\r\n`;
    expect(await sendRaw(`${head}GARBAGE\r\n\r\n`)).toBe('');
    expect(logged.map(({ fields }) => fields['code'])).toContain('CONTROL_REQUEST_MALFORMED');
  });

  it('may pipeline good requests, which are answered in order', async () => {
    const { sendRaw } = await start();
    const answer = await sendRaw(get('/healthz') + get('/v2', 'Connection: close\r\n'));
    expect(answer.match(/HTTP\/1\.1 (\d+)/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
  });
});

describe('who speaks too slowly', () => {
  it.each([
    ['headers', 'POST /v1/captures HTTP/1.1\r\nHost: x\r\n'],
    ['a body', 'POST /v1/captures HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n{'],
  ])('with %s is cut off after the time for a request', async (_what, bytes) => {
    const at = await start({ limits: { requestTimeoutMs: 200 } });
    expect(await at.sendRaw(bytes)).toMatch(/^HTTP\/1\.1 408 .*"CONTROL_REQUEST_TIMEOUT"/s);
    expect(codes(at)).toContain('CONTROL_REQUEST_TIMEOUT');
  });

  it('does not keep others out: they are served meanwhile', async () => {
    const at = await start();
    const slow = Array.from({ length: 8 }, () => at.connect().on('error', () => {}));
    await Promise.all(slow.map(async (socket) => once(socket, 'connect')));
    for (const socket of slow) socket.write('POST /v1/captures HTTP/1.1\r\n');
    expect((await at.send('/healthz')).status).toBe(200);
    for (const socket of slow) socket.destroy();
  });
});

it('answers HEAD like GET, without the body', async () => {
  const at = await start();
  const [get, head] = [await at.send('/healthz'), await at.send('/healthz', { method: 'HEAD' })];
  expect(head.headers['content-length']).toBe(get.headers['content-length']);
  expect([get.status, head.status, get.body.length > 0, head.body.length]).toEqual([200, 200, true, 0]);
});
