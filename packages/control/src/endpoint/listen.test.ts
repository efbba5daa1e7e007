import { afterEach, describe, expect, it } from 'vitest';
import { startEndpoint, type Endpoint } from '../testing/endpoint.fixture.ts';
import { isLoopback, parseListenAddress, warnAboutExposure } from './listen.ts';

describe('an address to listen on', () => {
  it.each([
    ['unix:/run/a.sock', { socketPath: '/run/a.sock', host: '', port: 0 }],
    ['http://127.0.0.1:0', { socketPath: null, host: '127.0.0.1', port: 0, isTls: false }],
    ['http://[::1]:9465', { socketPath: null, host: '::1', port: 9465, isTls: false }],
    ['https://0.0.0.0:9465', { socketPath: null, host: '0.0.0.0', port: 9465, isTls: true }],
    ['https://app.example', { socketPath: null, host: 'app.example', port: 443, isTls: true }],
  ])('is %s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each(['unix:run/a.sock', 'ftp://127.0.0.1', 'http://127.0.0.1/v1', 'https://a/?x', '9465', ''])(
    'is not "%s"',
    (text) => {
      expect(() => parseListenAddress(text)).toThrow(/none of unix:\/path/);
    },
  );

  it.each([
    ['unix:/run/a.sock', false],
    ['http://127.0.0.1:1', false],
    ['http://127.9.9.9:1', false],
    ['http://localhost:1', false],
    ['http://[::1]:1', false],
    ['https://0.0.0.0:1', false],
    ['http://0.0.0.0:1', true],
    ['http://[::]:1', true],
    ['http://10.0.0.7:1', true],
    ['http://127.0.0.1.example:1', true],
  ])('%s is warned about: %s', (text, isWarned) => {
    expect(warnAboutExposure(parseListenAddress(text)) !== null).toBe(isWarned);
  });

  it('is a loopback only as an address or as localhost', () => {
    expect(['127.0.0.1', '127.1', 'localhost', '::1', '128.0.0.1', '0.0.0.0'].map(isLoopback)).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('on TCP', () => {
  let endpoint: Endpoint | null = null;
  afterEach(async () => {
    await endpoint?.close();
    endpoint = null;
  });

  it.each([[{}], [{ host: 'localhost:1' }], [{ host: '10.0.0.7:9465' }], [{ host: '[::1]' }]])(
    'answers %o',
    async (headers) => {
      endpoint = await startEndpoint({ listen: 'http://127.0.0.1:0' });
      expect((await endpoint.send('/healthz', { headers })).status).toBe(200);
    },
  );

  it.each([
    ['http://127.0.0.1:0', { host: 'evil.example' }],
    ['http://127.0.0.1:0', { host: '127.0.0.1.evil.example' }],
    ['http://127.0.0.1:0', { host: 'evil.example@127.0.0.1' }],
    ['http://127.0.0.1:0', { host: 'evil.example/127.0.0.1' }],
    ['http://127.0.0.1:0', { origin: 'http://evil.example' }],
    ['http://127.0.0.1:0', { origin: 'null' }],
    ['http://0.0.0.0:0', { host: 'localhost' }],
  ])('%s refuses %o', async (listen, headers) => {
    endpoint = await startEndpoint({ listen });
    const answer = await endpoint.send('/healthz', { headers });
    expect([answer.status, answer.json()['code']]).toEqual([403, 'CONTROL_ORIGIN_FORBIDDEN']);
  });
});
