import { readFileSync } from 'node:fs';
import { readText, type Env } from './env-values.ts';

export interface TlsOptions {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

const FILES = { ca: 'CERTIFICATE', cert: 'CLIENT_CERTIFICATE', key: 'CLIENT_KEY' } as const;

/** The exporter reads these itself only when it makes its own agent. */
export function readTlsFiles(env: Env): { options: TlsOptions; problems: string[] } {
  const options: TlsOptions = {};
  const problems: string[] = [];
  for (const option of ['ca', 'cert', 'key'] as const) {
    const specific = `OTEL_EXPORTER_OTLP_METRICS_${FILES[option]}` as const;
    const general = `OTEL_EXPORTER_OTLP_${FILES[option]}` as const;
    const name = readText(env, specific) === undefined ? general : specific;
    const path = readText(env, name);
    if (path === undefined) continue;
    try {
      options[option] = readFileSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problems.push(`${name}: cannot read the file (${code}); ignored`);
    }
  }
  return { options, problems };
}
