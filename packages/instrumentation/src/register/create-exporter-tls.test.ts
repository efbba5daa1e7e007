import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPipe, recordAll, type PipeEnv } from '../testing/register-pipe.ts';
import { createPool } from '../testing/register-run.ts';
import { TLS_CERTIFICATE, TLS_KEY, writeTlsFiles } from '../testing/register-tls.ts';

const pool = createPool();
afterEach(async () => {
  await pool.close();
  vi.unstubAllEnvs();
});

/** An export to a collector that also wants a certificate of ours. */
async function exportWith(env: PipeEnv) {
  const tls = { key: TLS_KEY, cert: TLS_CERTIFICATE, ca: TLS_CERTIFICATE, requestCert: true };
  const sink = await pool.startSink({ answer: () => ({}), tls });
  const pipe = await createPipe({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, ...env });
  recordAll(pipe);
  await pipe.reader.push();
  return { result: pipe.results[0], count: sink.exports.length };
}

describe('createExporter over TLS', () => {
  let files = { certificate: '', key: '', garbage: '', remove: (): void => {} };
  beforeEach(() => {
    files = writeTlsFiles();
  });
  afterEach(() => files.remove());

  it('trusts the authority of the file, and shows our own certificate', async () => {
    const { result, count } = await exportWith({
      OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: files.certificate,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: files.certificate,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: files.key,
    });
    expect(result).toBeNull();
    expect(count).toBe(1);
  });

  it.each([
    ['without the authority', () => ({}), /self-signed certificate/],
    ['without our certificate', () => ({ OTEL_EXPORTER_OTLP_CERTIFICATE: files.certificate }), /./],
    ['with an authority that is none', () => ({ OTEL_EXPORTER_OTLP_CERTIFICATE: files.garbage }), /./],
    [
      'with a certificate that is none',
      () => ({
        OTEL_EXPORTER_OTLP_CERTIFICATE: files.certificate,
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: files.garbage,
        OTEL_EXPORTER_OTLP_CLIENT_KEY: files.key,
      }),
      /./,
    ],
  ])('fails %s', async (_, env, reason) => {
    const { result, count } = await exportWith(env());
    expect(result).toMatchObject({ type: 'connection', reason: expect.stringMatching(reason) });
    expect(count).toBe(0);
  });

  it('fails where the collector speaks no TLS', async () => {
    const { endpoint } = await pool.startSink();
    const pipe = await createPipe({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.replace('http:', 'https:') });
    recordAll(pipe);
    await pipe.reader.push();
    expect(pipe.results[0]?.type).toBe('connection');
  });
});
