import { generateKeyPairSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApps, INSTANCE, sign, type ControlApp } from '../testing/control-app.fixture.ts';

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

describe('the endpoint refuses', () => {
  it('a signed command of another key, and leaves no file', async () => {
    const token = await sign(CAPTURE, { key: generateKeyPairSync('ed25519').privateKey });
    const answer = await app.send('/v1/captures', { method: 'POST', token });
    expect([answer.status, answer.json()['code']]).toEqual([401, 'CONTROL_SIGNATURE_INVALID']);
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
  it('says at the start that it listens beyond the loopback without TLS', async () => {
    const { startApp } = await import('../testing/control-app.fixture.ts');
    const open = startApp({ env: { HEAPFLOOR_CONTROL_LISTEN: 'http://0.0.0.0:0' } });
    try {
      await expect
        .poll(open.stderr, { timeout: 10_000 })
        .toMatch(/listen-without-tls: .*0\.0\.0\.0 without TLS/);
    } finally {
      open.child.kill('SIGKILL');
    }
  });

  it('does not listen without a key, and lists that with all other problems', async () => {
    const { startApp } = await import('../testing/control-app.fixture.ts');
    const off = startApp({
      code: 'setTimeout(() => {}, 1500)',
      env: {
        HEAPFLOOR_CONTROL_LISTEN: 'https://0.0.0.0:0',
        HEAPFLOOR_CONTROL_TLS_KEY: '/nowhere/tls.key',
        HEAPFLOOR_CONTROL_PUBLIC_KEYS: '/nowhere/key.pem',
      },
    });
    const code = await new Promise((resolve) => {
      off.child.once('exit', resolve);
    });
    expect(code).toBe(0);
    expect(off.stderr()).toMatch(
      /control stays off.*3 problem.*\/nowhere\/key\.pem.*tlsCertFile.*tls\.key: ENOENT/s,
    );
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
