import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { captureRecord } from '@heapfloor/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { buildManifest } from '../control/control-stub.fixture.ts';
import { buildJob } from '../jobs/job.fixture.ts';
import { buildWebhook, buildWebhookAlert } from '../alerts/payload.fixture.ts';
import { post, send, startTestApp, type TestApp } from './test-app.fixture.ts';

let app: TestApp;

afterEach(async () => {
  await app.close();
});

/** One capture with one stored file; returns its id. */
async function addCapture(): Promise<string> {
  const job = buildJob();
  const { id } = job.record;
  const content = Buffer.from('content');
  const manifest = buildManifest(content, {
    fileName: 'a.heapsnapshot',
    kind: 'heap-snapshot',
    captureId: id,
    instance: 'shop-1',
  });
  await app.store.enqueue(job);
  await app.store.update(id, (record) => ({ ...record, artifacts: [manifest] }));
  await mkdir(join(app.artifactsDirectory, id));
  await writeFile(join(app.artifactsDirectory, id, 'a.heapsnapshot'), content);
  return id;
}

/** The status of a GET with a Host header of one's choice, which fetch does not send. */
async function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ port: app.port, path: '/captures', headers: { host } }, (response) => {
      resolve(response.resume().statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the API', () => {
  it('lists captures newest first, each as the contract says', async () => {
    app = await startTestApp();
    const id = await addCapture();
    const { body, headers } = await send(`${app.url}/api/captures?limit=1`);
    const captures = body['captures'] as unknown[];
    expect(captures.map((capture) => captureRecord.parse(capture).id)).toEqual([id]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await send(`${app.url}/api/captures/${id}`)).body).toEqual(captures[0]);
  });

  it.each(['0', '501', 'x', '1.5', '1&limit=2'])('refuses limit=%s', async (limit) => {
    app = await startTestApp();
    const { status, body } = await send(`${app.url}/api/captures?limit=${limit}`);
    expect([status, body['code']]).toEqual([400, 'RECEIVER_QUERY_INVALID']);
  });

  it.each(['unknown-capture', '..%2f..%2fetc', 'X'])('knows no capture %s', async (id) => {
    app = await startTestApp();
    const { status, body } = await send(`${app.url}/api/captures/${id}`);
    expect([status, body['code']]).toEqual([404, 'RECEIVER_NOT_FOUND']);
  });

  it('knows no other route and no other method', async () => {
    app = await startTestApp();
    expect((await send(`${app.url}/api/nothing`)).body['code']).toBe('RECEIVER_NOT_FOUND');
    const { status, headers } = await post(`${app.url}/api/captures`, {});
    expect([status, headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('the pages', () => {
  it('show captures, a capture and targets', async () => {
    app = await startTestApp();
    const id = await addCapture();
    const { status, headers } = await send(`${app.url}/`);
    expect([status, headers.get('location')]).toEqual([302, '/captures']);
    for (const path of ['/captures', `/captures/${id}`, '/targets']) {
      const page = await send(`${app.url}${path}`);
      expect([path, page.status, page.headers.get('content-type')]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
      ]);
      expect(page.text).toContain('shop-1');
    }
  });

  it('allow only their own style and the script of this one answer', async () => {
    app = await startTestApp();
    const [first, second] = await Promise.all([send(`${app.url}/captures`), send(`${app.url}/captures`)]);
    const policy = first.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'nonce-[A-Za-z0-9+/]{22}=='; style-src 'self';/);
    expect(policy).not.toContain('unsafe');
    expect(second.headers.get('content-security-policy')).not.toBe(policy);
    expect(first.headers.get('x-content-type-options')).toBe('nosniff');
    expect(first.headers.get('referrer-policy')).toBe('no-referrer');
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.headers.get('x-powered-by')).toBeNull();
  });

  it('escape what an alert brought', async () => {
    app = await startTestApp();
    const labels = {
      alertname: 'NodejsHeapFloorHigh',
      instance: 'shop-1',
      job: '<img src=x onerror=alert(1)>',
    };
    await post(`${app.url}/hooks/alertmanager`, buildWebhook(buildWebhookAlert({ labels })));
    const [record] = await app.store.list(1);
    const { text } = await send(`${app.url}/captures/${record?.id}`);
    expect(text).not.toContain('<img src=x');
  });

  it('give a browser a page for an error, and a program a problem', async () => {
    app = await startTestApp();
    const page = await send(`${app.url}/captures/unknown-capture`, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.text).toContain('RECEIVER_NOT_FOUND');
    const problem = await send(`${app.url}/captures/unknown-capture`);
    expect(problem.body['code']).toBe('RECEIVER_NOT_FOUND');
  });

  it('have assets that need no token', async () => {
    app = await startTestApp({ credentials: { readTokens: ['token'] } });
    const { status, headers } = await send(`${app.url}/assets/tokens.css`);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect((await send(`${app.url}/assets/other.css`)).status).toBe(404);
  });

  it('answer on loopback only as loopback', async () => {
    app = await startTestApp();
    const hosts = [`localhost:${app.port}`, `127.0.0.1:${app.port}`, `[::1]:${app.port}`];
    for (const host of hosts) expect([host, await statusFor(host)]).toEqual([host, 200]);
    expect(await statusFor('rebound.example')).toBe(403);
  });

  it('answer on loopback as the public address, when there is one', async () => {
    app = await startTestApp({ options: { publicUrl: 'https://heapfloor.example' } });
    expect(await statusFor('heapfloor.example')).toBe(200);
  });
});

describe('an artifact', () => {
  it('is downloaded as a file, never shown', async () => {
    app = await startTestApp();
    const id = await addCapture();
    const { status, headers, text } = await send(`${app.url}/captures/${id}/artifacts/a.heapsnapshot`);
    expect([status, text]).toEqual([200, 'content']);
    expect(headers.get('content-disposition')).toBe('attachment; filename=a.heapsnapshot');
    expect(headers.get('content-type')).toBe('application/octet-stream');
  });

  it.each(['b.heapsnapshot', '..%2fjobs.sqlite', '%2fetc%2fpasswd', 'a.heapsnapshot.manifest.json'])(
    'is not served under another name: %s',
    async (name) => {
      app = await startTestApp();
      const id = await addCapture();
      const { status } = await send(`${app.url}/captures/${id}/artifacts/${name}`);
      expect(status).toBe(404);
    },
  );

  it('is missing when it was not transferred yet', async () => {
    app = await startTestApp();
    const job = buildJob();
    const { id } = job.record;
    const names = {
      fileName: 'a.heapsnapshot',
      kind: 'heap-snapshot',
      captureId: id,
      instance: 'i',
    } as const;
    await app.store.enqueue(job);
    await app.store.update(id, (record) => ({
      ...record,
      artifacts: [buildManifest(Buffer.from(''), names)],
    }));
    const { status, body, headers } = await send(`${app.url}/captures/${id}/artifacts/a.heapsnapshot`);
    expect([status, body['code']]).toEqual([404, 'RECEIVER_NOT_FOUND']);
    expect(headers.get('content-disposition')).toBeNull();
  });
});

describe('the read token', () => {
  const TOKEN = 'a token to read';

  it('opens pages, API and artifacts as bearer or as any user’s password', async () => {
    app = await startTestApp({ credentials: { readTokens: [TOKEN.replaceAll(' ', '-')] } });
    const token = TOKEN.replaceAll(' ', '-');
    const id = await addCapture();
    const paths = [
      '/captures',
      '/targets',
      '/api/captures',
      '/api/instances',
      `/captures/${id}/artifacts/a.heapsnapshot`,
    ];
    for (const path of paths) {
      const refused = await send(`${app.url}${path}`);
      expect([path, refused.status]).toEqual([path, 401]);
      expect(refused.headers.get('www-authenticate')).toContain('Basic');
      for (const authorization of [
        `Bearer ${token}`,
        `Basic ${Buffer.from(`me:${token}`).toString('base64')}`,
      ]) {
        const { status } = await send(`${app.url}${path}`, { headers: { authorization } });
        expect([path, status]).toEqual([path, 200]);
      }
    }
  });

  it('is asked for with a page', async () => {
    app = await startTestApp({ credentials: { readTokens: ['token'] } });
    const { status, text } = await send(`${app.url}/captures`, { headers: { accept: 'text/html' } });
    expect(status).toBe(401);
    expect(text).toContain('RECEIVER_AUTH_REQUIRED');
  });

  it('does not open the hooks, nor their credential the pages', async () => {
    app = await startTestApp({ credentials: { readTokens: ['reader'], alertmanagerTokens: ['sender'] } });
    const asReader = { authorization: 'Bearer reader' };
    const asSender = { authorization: 'Bearer sender' };
    expect((await post(`${app.url}/hooks/alertmanager`, buildWebhook(), asReader)).status).toBe(401);
    expect((await send(`${app.url}/captures`, { headers: asSender })).status).toBe(401);
  });

  it('leaves probes open', async () => {
    app = await startTestApp({ credentials: { readTokens: ['token'] } });
    expect((await send(`${app.url}/healthz`)).body).toEqual({ status: 'ok' });
    expect((await send(`${app.url}/readyz`)).body).toEqual({
      status: 'ready',
      openJobs: 0,
      maxOpenJobs: 100,
    });
  });
});
