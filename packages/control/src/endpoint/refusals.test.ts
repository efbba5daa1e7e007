import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND_CLAIM } from '@heapfloor/contract';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTROL_ERRORS, ControlError } from '../errors.ts';
import { sign as signWith } from '../testing/control-app.fixture.ts';
import {
  buildResponse,
  FULL_KEY,
  startEndpoint,
  writeKey,
  type Endpoint,
  type SendOptions,
} from '../testing/endpoint.fixture.ts';
import { createNonceLedger } from './nonce-ledger.ts';

const ID = 'refused-1';
const SNAPSHOT = 'snapshot-1';
const RUNNING = 'running-1';
const LIMITED_KEY = generateKeyPairSync('ed25519');
const CAPTURE = { action: 'capture', captureId: ID, kind: 'heap-profile', alertFingerprint: null };
const READ = { action: 'read', captureId: ID };
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

type Sign = Parameters<typeof signWith>[1];
const sign = async (command: unknown, options: Sign = {}): Promise<string> =>
  signWith(command, { key: FULL_KEY.privateKey, ...options });
const signLimited = async (command: unknown): Promise<string> =>
  sign(command, { key: LIMITED_KEY.privateKey });
const post = async (token: Promise<string> | string, rest: SendOptions = {}): Promise<SendOptions> => ({
  method: 'POST',
  token: await token,
  ...rest,
});

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token that `jose` would not make. */
function forge(header: object, payload: object, signature: (text: string) => string): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${signature(text)}`;
}

const claims = (): object => ({
  [COMMAND_CLAIM]: CAPTURE,
  aud: 'app-1',
  iat: nowSeconds(),
  exp: nowSeconds() + 60,
  jti: 'forged-1',
});

interface Refusal {
  readonly name: string;
  readonly path?: string;
  readonly request: () => Promise<SendOptions>;
  readonly refusal: readonly [number, keyof typeof CONTROL_ERRORS];
}

const TOKENS: readonly Refusal[] = [
  { name: 'no token', request: async () => ({ method: 'POST' }), refusal: [401, 'CONTROL_TOKEN_MISSING'] },
  {
    name: 'a password instead of a token',
    request: async () => ({ method: 'POST', headers: { authorization: 'Basic YTpi' } }),
    refusal: [401, 'CONTROL_TOKEN_MISSING'],
  },
  {
    name: 'a token that is no JWT',
    request: async () => post('abc'),
    refusal: [401, 'CONTROL_TOKEN_MALFORMED'],
  },
  {
    name: 'another key’s signature',
    request: async () => post(sign(CAPTURE, { key: generateKeyPairSync('ed25519').privateKey })),
    refusal: [401, 'CONTROL_SIGNATURE_INVALID'],
  },
  {
    name: 'a signature of one changed bit',
    request: async () => {
      const token = await sign(CAPTURE);
      return post(`${token.slice(0, -2)}${token.at(-2) === 'A' ? 'Q' : 'A'}${token.at(-1)}`);
    },
    refusal: [401, 'CONTROL_SIGNATURE_INVALID'],
  },
  {
    name: 'the algorithm none',
    request: async () => post(new UnsecuredJWT(claims() as Record<string, unknown>).encode()),
    refusal: [401, 'CONTROL_SIGNATURE_INVALID'],
  },
  {
    name: 'HS256 with the public key as the secret',
    request: async () => {
      const secret = FULL_KEY.publicKey.export({ type: 'spki', format: 'pem' });
      return post(
        forge({ alg: 'HS256' }, claims(), (text) =>
          createHmac('sha256', secret).update(text).digest('base64url'),
        ),
      );
    },
    refusal: [401, 'CONTROL_SIGNATURE_INVALID'],
  },
  {
    name: 'a key that the token brings along',
    request: async () => {
      const own = generateKeyPairSync('ed25519');
      const token = new SignJWT(claims() as Record<string, unknown>).setProtectedHeader({
        alg: 'EdDSA',
        jwk: own.publicKey.export({ format: 'jwk' }),
      });
      return post(token.sign(own.privateKey));
    },
    refusal: [401, 'CONTROL_SIGNATURE_INVALID'],
  },
  {
    name: 'an extension that must be understood',
    request: async () => post(forge({ alg: 'EdDSA', crit: ['x'], x: 1 }, claims(), () => 'AAAA')),
    refusal: [401, 'CONTROL_TOKEN_MALFORMED'],
  },
  {
    name: 'an expired command',
    request: async () => post(sign(CAPTURE, { issuedAtSeconds: nowSeconds() - 120 })),
    refusal: [401, 'CONTROL_COMMAND_EXPIRED'],
  },
  {
    name: 'a command from before the start of the endpoint, not expired',
    request: async () => post(sign(CAPTURE, { issuedAtSeconds: nowSeconds() - 50 })),
    refusal: [401, 'CONTROL_COMMAND_EXPIRED'],
  },
  {
    name: 'a command that lives too long',
    request: async () => post(sign(CAPTURE, { lifeSeconds: 61 })),
    refusal: [401, 'CONTROL_COMMAND_TOO_LONG_LIVED'],
  },
  {
    name: 'a command of the future',
    request: async () => post(sign(CAPTURE, { issuedAtSeconds: nowSeconds() + 30 })),
    refusal: [401, 'CONTROL_COMMAND_TOO_LONG_LIVED'],
  },
  {
    name: 'a command for another instance',
    request: async () => post(sign(CAPTURE, { audience: 'app-2' })),
    refusal: [403, 'CONTROL_AUDIENCE_WRONG'],
  },
  {
    name: 'a command for a list of instances that holds this one',
    request: async () =>
      post(
        new SignJWT({ ...claims(), aud: ['app-1', 'app-2'] })
          .setProtectedHeader({ alg: 'EdDSA' })
          .sign(FULL_KEY.privateKey),
      ),
    refusal: [403, 'CONTROL_AUDIENCE_WRONG'],
  },
  {
    name: 'a command without jti',
    request: async () => {
      const { jti: _, ...rest } = claims() as { jti: string };
      return post(new SignJWT(rest).setProtectedHeader({ alg: 'EdDSA' }).sign(FULL_KEY.privateKey));
    },
    refusal: [400, 'CONTROL_COMMAND_INVALID'],
  },
  {
    name: 'a claim that is no command',
    request: async () => post(sign({ ...CAPTURE, kind: 'core-dump' })),
    refusal: [400, 'CONTROL_COMMAND_INVALID'],
  },
  {
    name: 'a command with a field that we don’t know',
    request: async () => post(sign({ ...CAPTURE, force: true })),
    refusal: [400, 'CONTROL_COMMAND_INVALID'],
  },
];

const ROUTES: readonly Refusal[] = [
  {
    name: 'a read command on the route that captures',
    request: async () => post(sign(READ)),
    refusal: [403, 'CONTROL_ACTION_MISMATCH'],
  },
  {
    name: 'a read command on the route that stops',
    path: `/v1/captures/${ID}/stop`,
    request: async () => post(sign(READ)),
    refusal: [403, 'CONTROL_ACTION_MISMATCH'],
  },
  {
    name: 'a read command of another capture',
    path: '/v1/captures/another-1',
    request: async () => ({ token: await sign(READ) }),
    refusal: [403, 'CONTROL_ACTION_MISMATCH'],
  },
  {
    name: 'a reset command of another kind',
    path: '/v1/lockouts/heap-snapshot/reset',
    request: async () => post(sign({ action: 'reset', kind: 'heap-profile' })),
    refusal: [403, 'CONTROL_ACTION_MISMATCH'],
  },
  {
    name: 'a capture that nobody took',
    path: `/v1/captures/${ID}`,
    request: async () => ({ token: await sign(READ) }),
    refusal: [404, 'CONTROL_CAPTURE_UNKNOWN'],
  },
  {
    name: 'the stop of a capture that nobody took',
    path: `/v1/captures/${ID}/stop`,
    request: async () => post(sign({ action: 'stop', captureId: ID })),
    refusal: [404, 'CONTROL_CAPTURE_UNKNOWN'],
  },
  {
    name: 'the stop of a snapshot, which V8 ends by itself only',
    path: `/v1/captures/${RUNNING}/stop`,
    request: async () => post(sign({ action: 'stop', captureId: RUNNING })),
    refusal: [409, 'CONTROL_CAPTURE_NOT_STOPPABLE'],
  },
  {
    name: 'the deletion of a running capture',
    path: `/v1/captures/${RUNNING}`,
    request: async () => ({ method: 'DELETE', token: await sign({ action: 'delete', captureId: RUNNING }) }),
    refusal: [409, 'CONTROL_CAPTURE_RUNNING'],
  },
  {
    name: 'an artifact that no manifest names',
    path: `/v1/captures/${SNAPSHOT}/artifacts/full.pem`,
    request: async () => ({ token: await sign({ action: 'read', captureId: SNAPSHOT }) }),
    refusal: [404, 'CONTROL_ARTIFACT_UNKNOWN'],
  },
  {
    name: 'an artifact path that leaves the directory',
    path: `/v1/captures/${SNAPSHOT}/artifacts/..%2Ffull.pem`,
    request: async () => ({ token: await sign({ action: 'read', captureId: SNAPSHOT }) }),
    refusal: [404, 'CONTROL_ROUTE_UNKNOWN'],
  },
  {
    name: 'an unknown path',
    path: '/v2',
    request: async () => ({}),
    refusal: [404, 'CONTROL_ROUTE_UNKNOWN'],
  },
  {
    name: 'a GET that would capture',
    request: async () => ({}),
    refusal: [405, 'CONTROL_METHOD_NOT_ALLOWED'],
  },
  {
    name: 'a GET that would stop',
    path: `/v1/captures/${RUNNING}/stop`,
    request: async () => ({}),
    refusal: [405, 'CONTROL_METHOD_NOT_ALLOWED'],
  },
  {
    name: 'a body beside the token',
    request: async () => post(sign(CAPTURE), { body: '{"kind":"heap-snapshot"}' }),
    refusal: [400, 'CONTROL_BODY_NOT_EMPTY'],
  },
  {
    name: 'an oversized body',
    request: async () => post(sign(CAPTURE), { body: 'x'.repeat(5000) }),
    refusal: [413, 'CONTROL_BODY_TOO_LARGE'],
  },
  {
    name: 'oversized headers',
    request: async () => post('x'.repeat(9000)),
    refusal: [431, 'CONTROL_HEADERS_TOO_LARGE'],
  },
  {
    name: 'a capture of an app whose main isolate answers nothing',
    request: async () => post(sign({ ...CAPTURE, captureId: 'unresponsive-1' })),
    refusal: [503, 'CONTROL_MAIN_THREAD_UNRESPONSIVE'],
  },
  {
    name: 'a capture whose attempt can’t be written down',
    request: async () => post(sign({ ...CAPTURE, captureId: 'unwritable-1' })),
    refusal: [503, 'CONTROL_LEDGER_UNWRITABLE'],
  },
];

const LIMITED: readonly Refusal[] = [
  {
    name: 'a limited key that reads a snapshot',
    path: `/v1/captures/${SNAPSHOT}`,
    request: async () => ({ token: await signLimited({ action: 'read', captureId: SNAPSHOT }) }),
    refusal: [403, 'CONTROL_KEY_LIMITED'],
  },
  {
    name: 'a limited key that downloads a snapshot',
    path: `/v1/captures/${SNAPSHOT}/artifacts/a.heapsnapshot`,
    request: async () => ({ token: await signLimited({ action: 'read', captureId: SNAPSHOT }) }),
    refusal: [403, 'CONTROL_KEY_LIMITED'],
  },
  {
    name: 'a limited key that deletes a snapshot',
    path: `/v1/captures/${SNAPSHOT}`,
    request: async () => ({
      method: 'DELETE',
      token: await signLimited({ action: 'delete', captureId: SNAPSHOT }),
    }),
    refusal: [403, 'CONTROL_KEY_LIMITED'],
  },
  {
    name: 'a limited key that stops another’s snapshot',
    path: `/v1/captures/${RUNNING}/stop`,
    request: async () => post(signLimited({ action: 'stop', captureId: RUNNING })),
    refusal: [403, 'CONTROL_KEY_LIMITED'],
  },
  {
    name: 'a limited key that repeats another’s snapshot to see its answer',
    request: async () => post(signLimited({ ...CAPTURE, captureId: SNAPSHOT, kind: 'heap-profile' })),
    refusal: [403, 'CONTROL_KEY_LIMITED'],
  },
  {
    name: 'a limited key that resets a lock-out, of its own kind too',
    path: '/v1/lockouts/heap-profile/reset',
    request: async () => post(signLimited({ action: 'reset', kind: 'heap-profile' })),
    refusal: [403, 'CONTROL_KEY_LIMITED'],
  },
];

/** Refused by cases of their own, further down or in the tests beside. */
const ELSEWHERE = [
  // captures.test.ts
  'CONTROL_ISOLATE_UNKNOWN',
  'CONTROL_COMMAND_REPLAYED',
  'CONTROL_COMMANDS_TOO_MANY',
  'CONTROL_ORIGIN_FORBIDDEN',
  'CONTROL_REQUEST_MALFORMED',
  'CONTROL_REQUEST_TIMEOUT',
];
const TABLE = [...TOKENS, ...ROUTES, ...LIMITED];

let endpoint: Endpoint;
beforeAll(async () => {
  endpoint = await startLimited();
});
afterAll(async () => endpoint.close());

async function startLimited(): Promise<Endpoint> {
  const directory = mkdtempSync(join(tmpdir(), 'hf-refusals-'));
  const found = {
    [SNAPSHOT]: buildResponse(SNAPSHOT, 'heap-snapshot'),
    [RUNNING]: buildResponse(RUNNING, 'heap-snapshot', 'running'),
  };
  return startEndpoint({
    directory,
    keys: { limitedKeyFiles: [writeKey(join(directory, 'limited.pem'), LIMITED_KEY.publicKey)] },
    found,
    captures: {
      async start({ captureId }) {
        if (captureId === 'unresponsive-1') {
          throw new ControlError('CONTROL_MAIN_THREAD_UNRESPONSIVE', 'The main isolate does not answer.');
        }
        if (captureId === 'unwritable-1') throw new ControlError('CONTROL_LEDGER_UNWRITABLE', 'No room.');
        throw new Error('a refused command came through');
      },
      stop: () => false,
      isRunning: (captureId) => captureId === RUNNING,
    },
  });
}

describe('the endpoint refuses', () => {
  it.each(TABLE)('$name', async ({ path = '/v1/captures', request, refusal }) => {
    const answer = await endpoint.send(path, await request());
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const body = answer.json();
    expect([answer.status, body['code'], body['status']]).toEqual([...refusal, refusal[0]]);
    expect(answer.headers['www-authenticate']).toBe(
      refusal[0] === 401 ? 'Bearer realm="heapfloor control"' : undefined,
    );
    expect(endpoint.calls).toEqual([]);
    expect(endpoint.logged.at(-1)).toMatchObject({ event: 'refused', fields: { code: refusal[1] } });
  });

  it('with every code that has a status', () => {
    const withStatus = Object.entries(CONTROL_ERRORS).filter(([, { status }]) => status !== null);
    const tested = new Set([...TABLE.map(({ refusal }) => refusal[1]), ...ELSEWHERE]);
    expect(withStatus.map(([code]) => code).filter((code) => !tested.has(code))).toEqual([]);
  });

  it.each([
    ['GET', '/v1/captures', 'POST'],
    ['DELETE', '/v1/captures/refused-1/stop', 'POST'],
    ['PUT', '/v1/captures/refused-1', 'GET, HEAD, DELETE'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['PATCH', '/v1/lockouts/heap-snapshot/reset', 'POST'],
  ])('%s %s and names the methods that are allowed', async (method, path, allow) => {
    const answer = await endpoint.send(path, { method });
    expect([answer.status, answer.headers['allow']]).toEqual([405, allow]);
  });

  it('a command that was used, and the one above the number that can be remembered', async () => {
    const small = await startEndpoint({
      nonces: createNonceLedger({ path: null, bootId: null, maxCount: 1 }),
    });
    try {
      const token = await sign(CAPTURE);
      const answers = [
        await small.send('/v1/captures', { method: 'POST', token }),
        await small.send('/v1/captures', { method: 'POST', token }),
        await small.send('/v1/captures', await post(sign(CAPTURE))),
      ];
      expect(answers.map(({ status }) => status)).toEqual([202, 409, 429]);
      expect(answers.map((answer) => answer.json()['code'])).toEqual([
        undefined,
        'CONTROL_COMMAND_REPLAYED',
        'CONTROL_COMMANDS_TOO_MANY',
      ]);
      expect(small.calls).toHaveLength(1);
    } finally {
      await small.close();
    }
  });
});
