import { generateKeyPairSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createApps,
  INSTANCE,
  sign,
  type ControlApp,
  type RequestOptions,
} from '../testing/control-app.fixture.ts';

const apps = createApps();
let app: ControlApp;
beforeAll(async () => {
  app = await apps.start();
});
afterAll(apps.end);

const ID = 'refusals-1';
const CAPTURE = {
  action: 'capture',
  captureId: ID,
  kind: 'diagnostic-report',
  alertFingerprint: null,
} as const;
const READ = { action: 'read', captureId: ID } as const;
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

interface Refusal {
  readonly name: string;
  readonly path?: string;
  readonly request: () => Promise<RequestOptions>;
  readonly status: number;
  readonly code: string;
}

const post = async (token: Promise<string>, body?: string): Promise<RequestOptions> => ({
  method: 'POST',
  token: await token,
  ...(body !== undefined && { body }),
});

const refusals: readonly Refusal[] = [
  {
    name: 'an unsigned command',
    request: async () => ({ method: 'POST' }),
    status: 401,
    code: 'CONTROL_TOKEN_MISSING',
  },
  {
    name: 'a token that is no JWT',
    request: async () => ({ method: 'POST', token: 'abc' }),
    status: 401,
    code: 'CONTROL_TOKEN_MALFORMED',
  },
  {
    name: 'a command signed by another key',
    request: async () => post(sign(CAPTURE, { key: generateKeyPairSync('ed25519').privateKey })),
    status: 401,
    code: 'CONTROL_SIGNATURE_INVALID',
  },
  {
    name: 'an expired command',
    request: async () => post(sign(CAPTURE, { issuedAtSeconds: nowSeconds() - 120 })),
    status: 401,
    code: 'CONTROL_COMMAND_EXPIRED',
  },
  {
    name: 'a command that lives too long',
    request: async () => post(sign(CAPTURE, { lifeSeconds: 61 })),
    status: 401,
    code: 'CONTROL_COMMAND_TOO_LONG_LIVED',
  },
  {
    name: 'a command of the future, which would live too long as well',
    request: async () => post(sign(CAPTURE, { issuedAtSeconds: nowSeconds() + 3600 })),
    status: 401,
    code: 'CONTROL_COMMAND_TOO_LONG_LIVED',
  },
  {
    name: 'a command for another instance',
    request: async () => post(sign(CAPTURE, { audience: 'app-2' })),
    status: 403,
    code: 'CONTROL_AUDIENCE_WRONG',
  },
  {
    name: 'a claim that is no command',
    request: async () => post(sign({ ...CAPTURE, kind: 'core-dump' })),
    status: 400,
    code: 'CONTROL_COMMAND_INVALID',
  },
  {
    name: 'a read command on the route that captures',
    request: async () => post(sign(READ)),
    status: 403,
    code: 'CONTROL_ACTION_MISMATCH',
  },
  {
    name: 'a read command of another capture',
    path: '/v1/captures/another-1',
    request: async () => ({ token: await sign(READ) }),
    status: 403,
    code: 'CONTROL_ACTION_MISMATCH',
  },
  {
    name: 'a capture that nobody took',
    path: `/v1/captures/${ID}`,
    request: async () => ({ token: await sign(READ) }),
    status: 404,
    code: 'CONTROL_CAPTURE_UNKNOWN',
  },
  {
    name: 'an artifact path that leaves the directory',
    path: `/v1/captures/${ID}/artifacts/..%2Fkey.pem`,
    request: async () => ({ token: await sign(READ) }),
    status: 404,
    code: 'CONTROL_ROUTE_UNKNOWN',
  },
  {
    name: 'an unknown path',
    path: '/v2',
    request: async () => ({}),
    status: 404,
    code: 'CONTROL_ROUTE_UNKNOWN',
  },
  {
    name: 'a GET that would capture',
    request: async () => ({}),
    status: 405,
    code: 'CONTROL_METHOD_NOT_ALLOWED',
  },
  {
    name: 'a body beside the token',
    request: async () => post(sign(CAPTURE), '{"kind":"heap-snapshot"}'),
    status: 400,
    code: 'CONTROL_BODY_NOT_EMPTY',
  },
  {
    name: 'an oversized body',
    request: async () => post(sign(CAPTURE), 'x'.repeat(5000)),
    status: 413,
    code: 'CONTROL_BODY_TOO_LARGE',
  },
];

describe('the endpoint refuses', () => {
  it.each(refusals)('$name', async ({ path = '/v1/captures', request, status, code }) => {
    const answer = await app.send(path, await request());
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect({ status: answer.status, code: answer.json()['code'] }).toEqual({ status, code });
    const instanceFolder = join(app.directory, INSTANCE);
    expect(readdirSync(instanceFolder).filter((name) => name.startsWith(ID))).toEqual([]);
  });

  it('what is not even HTTP', async () => {
    const socket = connect(join(app.directory, 'c.sock'));
    socket.end('hello\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*"CONTROL_REQUEST_MALFORMED"/s);
    await expect.poll(() => app.stderr()).toContain('CONTROL_REQUEST_MALFORMED');
  });

  it('a replayed command', async () => {
    const token = await sign({ ...CAPTURE, captureId: 'replayed-1', dryRun: true });
    const first = await app.send('/v1/captures', { method: 'POST', token });
    const second = await app.send('/v1/captures', { method: 'POST', token });
    expect([first.status, second.status]).toEqual([200, 409]);
    expect(second.json()['code']).toBe('CONTROL_COMMAND_REPLAYED');
  });
});

describe('the endpoint on TCP', () => {
  it('refuses to listen anywhere but on the loopback, and lists that with all other problems', async () => {
    const { startApp } = await import('../testing/control-app.fixture.ts');
    const off = startApp({
      code: 'setTimeout(() => {}, 1500)',
      env: {
        HEAPFLOOR_CONTROL_LISTEN: 'http://0.0.0.0:0',
        HEAPFLOOR_CONTROL_PUBLIC_KEYS: '/nowhere/key.pem',
      },
    });
    const code = await new Promise((resolve) => {
      off.child.once('exit', resolve);
    });
    expect(code).toBe(0);
    expect(off.stderr()).toMatch(/control stays off.*2 problem.*0\.0\.0\.0.*\/nowhere\/key\.pem/s);
  });

  it('takes an unknown variable for a misspelt one', async () => {
    const { startApp } = await import('../testing/control-app.fixture.ts');
    const off = startApp({
      code: 'setTimeout(() => {}, 1500)',
      env: { HEAPFLOOR_CONTROL_KIND: 'heap-profile' },
    });
    await new Promise((resolve) => {
      off.child.once('exit', resolve);
    });
    expect(off.stderr()).toContain('HEAPFLOOR_CONTROL_KIND: no such variable');
  });
});
