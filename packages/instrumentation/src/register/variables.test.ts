import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { setDiagLogger } from './diag-logger.ts';
import { isSdkDisabled, readExportEnv } from './read-register-env.ts';
import { readResource } from './read-resource.ts';
import { readTlsFiles } from './read-tls-files.ts';
import { readWatchEnv } from './read-watch-env.ts';
import { REGISTER_VARIABLES } from './variables.ts';

/** Names that are asked for when register mode starts in an environment without any of them. */
function readNames(): Set<string> {
  const names = new Set<string>();
  const env = new Proxy<Record<string, string>>(
    {},
    {
      get(_, name) {
        names.add(String(name));
        return undefined;
      },
    },
  );
  isSdkDisabled(env);
  setDiagLogger(env, () => {});
  readWatchEnv(env);
  readExportEnv(env);
  readTlsFiles(env);
  readResource(env, { pid: 1, ppid: 0, clusterWorkerId: undefined });
  return names;
}

describe('REGISTER_VARIABLES', () => {
  const names: readonly string[] = REGISTER_VARIABLES.flatMap((variable) => variable.names);

  it('lists each variable once, and exactly those that are read', () => {
    expect(new Set(names).size).toBe(names.length);
    expect([...readNames()].toSorted()).toEqual(names.toSorted());
  });

  it('names the headers as the exporter does, which reads them by itself', () => {
    const { resolve } = createRequire(import.meta.url);
    const exporter = createRequire(resolve('@opentelemetry/exporter-metrics-otlp-http'));
    const base = exporter.resolve('@opentelemetry/otlp-exporter-base/node-http');
    const source = readFileSync(
      new URL('configuration/otlp-node-http-env-configuration.cjs', `file://${base}`),
      'utf8',
    );
    expect(source).toContain('`OTEL_EXPORTER_OTLP_${signalIdentifier}_HEADERS`');
    expect(source).toContain('"OTEL_EXPORTER_OTLP_HEADERS"');
  });
});
