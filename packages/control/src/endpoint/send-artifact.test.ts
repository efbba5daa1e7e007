import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CaptureResponse } from '@heapfloor/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sign, type Answer } from '../testing/control-app.fixture.ts';
import { buildResponse, FULL_KEY, startEndpoint, type Endpoint } from '../testing/endpoint.fixture.ts';

const ID = 'profile-1';
const CONTENT = Buffer.concat([Buffer.alloc(300_000, 'heap '), randomBytes(100_000)]);
const DIGEST = `sha-256=:${createHash('sha256').update(CONTENT).digest('base64')}:`;
const BIG_BYTES = 256 * 2 ** 20;

let endpoint: Endpoint;
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hf-artifact-'));
  writeFileSync(join(directory, 'a.heapprofile'), CONTENT);
  writeFileSync(join(directory, 'big.heapprofile'), '');
  truncateSync(join(directory, 'big.heapprofile'), BIG_BYTES);
  endpoint = await startEndpoint({ directory, found: { [ID]: buildFound() } });
});
afterAll(async () => endpoint.close());

function buildFound(): CaptureResponse {
  const response = buildResponse(ID, 'heap-profile');
  const at = '2026-11-24T10:00:00.000Z';
  const build = (fileName: string, sizeBytes: number): object => ({
    fileName,
    kind: 'heap-profile',
    sizeBytes,
    sha256: createHash('sha256').update(CONTENT).digest('hex'),
    startedAt: at,
    finishedAt: at,
  });
  const artifacts = [
    build('a.heapprofile', CONTENT.length),
    build('big.heapprofile', BIG_BYTES),
    build('gone.heapprofile', 1),
  ] as NonNullable<CaptureResponse['operation']>['artifacts'];
  return {
    ...response,
    operation: { ...(response.operation as NonNullable<typeof response.operation>), artifacts },
  };
}

const token = async (): Promise<string> =>
  sign({ action: 'read', captureId: ID }, { key: FULL_KEY.privateKey });
const path = (fileName: string): string => `/v1/captures/${ID}/artifacts/${fileName}`;
const get = async (acceptEncoding?: string, method = 'GET'): Promise<Answer> =>
  endpoint.send(path('a.heapprofile'), {
    method,
    token: await token(),
    headers: acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding },
  });

describe('an artifact', () => {
  it.each([undefined, 'identity', 'br', 'gzip;q=0', 'xgzip', 'gzip;q=0.000, br'])(
    'is sent as it is to who accepts %s',
    async (acceptEncoding) => {
      const answer = await get(acceptEncoding);
      expect(answer.body.equals(CONTENT)).toBe(true);
      expect(answer.headers).toMatchObject({ 'repr-digest': DIGEST, 'content-length': '400000' });
      expect(answer.headers['content-encoding']).toBeUndefined();
    },
  );

  it.each(['gzip', 'br, gzip;q=0.5', 'GZIP', 'deflate , gzip'])(
    'is zipped for who accepts %s',
    async (accept) => {
      const answer = await get(accept);
      expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', 'unencoded-digest': DIGEST });
      expect(answer.headers['repr-digest']).toBeUndefined();
      expect(answer.body.length).toBeLessThan(105_000);
      expect(gunzipSync(answer.body).equals(CONTENT)).toBe(true);
    },
  );

  it('has the same headers for HEAD', async () => {
    const answer = await get(undefined, 'HEAD');
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(answer.headers).toMatchObject({ 'repr-digest': DIGEST, 'content-length': '400000' });
  });

  it('that is gone from the disk is unknown', async () => {
    const answer = await endpoint.send(path('gone.heapprofile'), { token: await token() });
    expect([answer.status, answer.json()['code']]).toEqual([404, 'CONTROL_ARTIFACT_UNKNOWN']);
  });

  it('whose reader stops reading is not read ahead, and its end is no failure of the endpoint', async () => {
    const { address, logged } = endpoint;
    const sent = request({
      socketPath: address.slice('unix:'.length),
      path: path('big.heapprofile'),
      headers: { authorization: `Bearer ${await token()}` },
      agent: false,
    });
    const before = process.memoryUsage().arrayBuffers;
    const received = new Promise<number>((resolve, reject) => {
      sent.on('response', (response) => {
        response.pause();
        // A turn of health checks: enough for a server that reads ahead to have read it all.
        Promise.all(Array.from({ length: 20 }, async () => endpoint.send('/healthz'))).then(() => {
          resolve(process.memoryUsage().arrayBuffers - before);
          response.destroy();
        }, reject);
      });
      sent.on('error', () => {});
    });
    sent.end();
    expect(await received).toBeLessThan(16 * 2 ** 20);
    await expect.poll(() => logged.at(-1)?.event).toBe('answer-broken-off');
  });
});
