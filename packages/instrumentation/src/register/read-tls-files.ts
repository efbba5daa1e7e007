import { readFileSync } from 'node:fs';
import type { Env } from './read-register-env.ts';

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
  for (const [option, suffix] of Object.entries(FILES) as [keyof TlsOptions, string][]) {
    const specific = `OTEL_EXPORTER_OTLP_METRICS_${suffix}`;
    const name = env[specific] ? specific : `OTEL_EXPORTER_OTLP_${suffix}`;
    const path = env[name] ?? '';
    if (path === '') continue;
    try {
      options[option] = readFileSync(path);
    } catch (error) {
      problems.push(
        `${name}: cannot read the file (${String((error as NodeJS.ErrnoException).code)}); ignored`,
      );
    }
  }
  return { options, problems };
}
