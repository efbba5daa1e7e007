/**
 * The instrumentation as npm would deliver it, installed beside what users have: SDK 2.x and 3.x, CommonJS, a bundler,
 * Jest, TypeScript. Needs the registry.
 */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOtlpSink, type SinkExport } from '../../packages/instrumentation/src/testing/otlp-sink.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules/.bin', name);
const directory = mkdtempSync(join(tmpdir(), 'heapfloor-package-'));
let tarballs: string[] = [];

const isOffline = await execute('npm', ['ping', '--fetch-timeout=10000', '--fetch-retries=0']).then(
  () => false,
  () => true,
);
if (isOffline && process.env['HEAPFLOOR_REQUIRE_PEERS'] === '1')
  throw new Error('the registry does not answer');

beforeAll(async () => {
  if (isOffline) return;
  const projects = ['tsconfig.json', 'tsconfig.cjs.json'].flatMap((file) => [
    join('packages/contract', file),
    join('packages/instrumentation', file),
  ]);
  await execute(bin('tsc'), ['-b', ...projects], { cwd: root });
  const packed = join(directory, 'packed');
  mkdirSync(packed);
  for (const name of ['contract', 'instrumentation']) {
    await execute('npm', ['pack', '--silent', '--pack-destination', packed], {
      cwd: join(root, 'packages', name),
    });
  }
  tarballs = readdirSync(packed).map((file) => join(packed, file));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A project of a user: our packages from the tarballs, everything else from the registry. */
async function install(
  name: string,
  packages: readonly string[],
  flags: readonly string[] = [],
): Promise<string> {
  const project = join(directory, name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name, version: '1.0.0', private: true }));
  cpSync(join(root, 'test/package-apps'), project, { recursive: true });
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...flags];
  // Fails with ERESOLVE where peers do not fit.
  await execute('npm', [...args, ...tarballs, ...packages], { cwd: project });
  return project;
}

/** What an app exports until the wanted export has come. */
async function exportOf(
  project: string,
  args: readonly string[],
  isWanted: (one: SinkExport) => boolean,
): Promise<SinkExport> {
  const sink = await startOtlpSink();
  const child = spawn(process.execPath, args, {
    cwd: project,
    env: exportEnv(sink.endpoint),
    stdio: 'inherit',
  });
  try {
    return await sink.waitFor(isWanted);
  } finally {
    child.kill('SIGKILL');
    await sink.close();
  }
}

function exportEnv(endpoint: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRIC_EXPORT_INTERVAL: '500',
    OTEL_METRIC_EXPORT_TIMEOUT: '500',
  };
}

/** The floor itself needs a major GC, which may take minutes to come. */
const hasLimit = (one: SinkExport): boolean => one.metrics.has('heapfloor.heap.old.limit');

describe.skipIf(isOffline).each([
  ['2.x', ['@opentelemetry/sdk-node@0.223.0', '@opentelemetry/instrumentation-runtime-node@0.36.1']],
  ['3.x', ['@opentelemetry/sdk-node@0.301.0', '@opentelemetry/instrumentation-runtime-node@0.37.0']],
])('beside an OpenTelemetry SDK %s', (line, packages) => {
  test('it installs without ERESOLVE, and exports its own names and no other', async () => {
    const project = await install(`sdk-${line}`, packages);
    const one = await exportOf(
      project,
      ['sdk-app.mjs'],
      (seen) => hasLimit(seen) && seen.scopes.length === 2,
    );
    const names = one.names.map(([, name]) => name);
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
    const ours = one.names.filter(([scope]) => scope === '@heapfloor/instrumentation');
    expect(ours.filter(([, name]) => !name.startsWith('heapfloor.'))).toEqual([]);
  });
});

describe.skipIf(isOffline)('in a project without an SDK', () => {
  let project = '';
  beforeAll(async () => {
    project = await install('plain', ['@opentelemetry/api@1.10.0', '@opentelemetry/sdk-metrics@3.1.0']);
  });

  test.each([
    ['--import', 'cjs-app.cjs'],
    ['--require', 'cjs-app.cjs'],
  ])('register mode starts by %s', async (flag, app) => {
    const args = [flag, '@heapfloor/instrumentation/register', app];
    const one = await exportOf(project, args, hasLimit);
    expect(one.resource).toMatchObject({ 'service.name': 'unknown_service:node' });
    expect(one.scopes).toEqual(['@heapfloor/instrumentation']);
  });

  test.each(['esm', 'cjs'] as const)(
    'esbuild bundles it as %s, and the bundle works alone',
    async (format) => {
      const outfile = join(directory, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`);
      const esbuild = [
        '--bundle',
        '--platform=node',
        `--format=${format}`,
        `--outfile=${outfile}`,
        '--log-level=warning',
      ];
      const { stderr } = await execute(bin('esbuild'), [join(project, 'bundle-entry.mjs'), ...esbuild], {
        cwd: project,
      });
      expect(stderr).toBe('');
      const { stdout } = await execute(process.execPath, [outfile], { cwd: directory });
      const { names, errors } = JSON.parse(stdout) as { names: string[]; errors: string[] };
      expect(errors).toEqual([]);
      expect(names).toContain('heapfloor.heap.old.limit');
    },
  );

  test('its types hold for an ES module and for CommonJS', async () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const roots = ['--typeRoots', join(root, 'node_modules/@types')];
    const files = ['consumer.mts', 'consumer.cts'];
    const { stdout } = await execute(bin('tsc'), [...options, ...roots, ...files], { cwd: project });
    expect(stdout).toBe('');
  });
});

test.skipIf(isOffline)(
  'without optional packages it is as small as its own two, and says what register mode lacks',
  async () => {
    const project = await install('small', ['@opentelemetry/api@1.9.0'], ['--omit=optional']);
    expect(readdirSync(join(project, 'node_modules/@opentelemetry'))).toEqual(['api']);
    const args = ['--import', '@heapfloor/instrumentation/register', '--eval', ''];
    const { stderr } = await execute(process.execPath, args, {
      cwd: project,
      env: exportEnv('http://127.0.0.1:9'),
    });
    expect(stderr).toMatch(/^heapfloor: INSTRUMENTATION_SDK_MISSING: .*npm install /);
  },
);

test.skipIf(isOffline)('it works in Jest, whose require knows no ES modules', async () => {
  const project = await install('jest', ['@opentelemetry/api@1.9.0', 'jest@30.5.2'], ['--omit=optional']);
  const args = ['node_modules/jest/bin/jest.js', '--ci', '--testMatch', '**/*.jest.cjs'];
  const { stderr } = await execute(process.execPath, args, { cwd: project });
  expect(stderr).toMatch(/Tests: +2 passed, 2 total/);
  expect(stderr).not.toMatch(/did not exit/);
});
