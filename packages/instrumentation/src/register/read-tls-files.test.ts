import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readTlsFiles } from './read-tls-files.ts';

const file = fileURLToPath(import.meta.url);

describe('readTlsFiles', () => {
  it('reads the files that the variables name, those for metrics first', () => {
    const { options, problems } = readTlsFiles({
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/does/not/exist',
      OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: file,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: file,
    });
    expect(options).toEqual({ ca: readFileSync(file), key: readFileSync(file) });
    expect(problems).toEqual([]);
  });

  it('says which one cannot be read', () => {
    const { options, problems } = readTlsFiles({ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/does/not/exist' });
    expect(options).toEqual({});
    expect(problems).toEqual([
      'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cannot read the file (ENOENT); ignored',
    ]);
  });
});
