import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { requirePeer } from '../../../test/peers/require-peer.ts';
import { runTool } from '../../../test/peers/run-tool.ts';
import { generatedFiles } from './generated-files.ts';
import { GENERATED_BY } from './rule-file.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const committed = (path: string): string => readFileSync(join(root, path), 'utf8');
const files = generatedFiles(committed);
const paths = [...files.keys()];

describe('generatedFiles', () => {
  it.each(paths)('equals what is committed: %s', (path) => {
    expect(committed(path)).toBe(files.get(path));
  });

  it.each(paths.filter((path) => /\.ya?ml$/.test(path)))('begins with its generator: %s', (path) => {
    expect(files.get(path)?.split('\n')[0]).toBe(`# ${GENERATED_BY}`);
  });

  it('names the region that the README lacks', () => {
    expect(() => generatedFiles(() => '# no table here')).toThrow('no region "signals"');
  });
});

describe('npm run generate -- --check', () => {
  it('says that the committed files are up to date, from any folder', () => {
    const script = fileURLToPath(new URL('write-all.ts', import.meta.url));
    const result = spawnSync(process.execPath, ['--conditions=@heapfloor/source', script, '--check'], {
      cwd: '/',
      encoding: 'utf8',
    });
    expect(result).toMatchObject({ status: 0, stdout: `generated files are up to date: ${files.size}\n` });
  });
});

describe('the deployed configurations', () => {
  const deploy = join(root, 'deploy');

  it('are rules that promtool’s linter accepts', async (ctx) => {
    const promtool = requirePeer(ctx, 'promtool');
    const rules = paths.filter((path) => path.endsWith('.rules.yml')).map((path) => join(root, path));
    const result = await runTool(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ...rules]);
    expect(result).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS: 1 rules found') });
  });

  it('are a Prometheus configuration with its rules', async (ctx) => {
    const promtool = requirePeer(ctx, 'promtool');
    const result = await runTool(promtool, ['check', 'config', join(deploy, 'prometheus', 'prometheus.yml')]);
    expect(result).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS: 1 rule files found') });
  });

  it('come with tests that pass where they lie', async (ctx) => {
    const promtool = requirePeer(ctx, 'promtool');
    const tests = paths.filter((path) => path.endsWith('.test.yml')).map((path) => join(root, path));
    expect(tests).toHaveLength(2);
    expect((await runTool(promtool, ['test', 'rules', ...tests])).exitCode).toBe(0);
  });

  it('are an Alertmanager configuration that routes the alert to the receiver', async (ctx) => {
    const amtool = requirePeer(ctx, 'amtool');
    const file = join(deploy, 'alertmanager', 'alertmanager.yml');
    const check = await runTool(amtool, ['check-config', file]);
    expect(check).toEqual({ exitCode: 0, output: expect.stringContaining('2 receivers') });
    const route = ['config', 'routes', 'test', `--config.file=${file}`];
    expect((await runTool(amtool, [...route, 'alertname=NodejsHeapFloorHigh', 'job=a'])).output.trim()).toBe(
      'heapfloor',
    );
    expect((await runTool(amtool, [...route, 'alertname=Other'])).output.trim()).toBe('nobody');
  });

  it('are a Collector configuration', async (ctx) => {
    const otelcol = requirePeer(ctx, 'otelcol');
    const file = join(deploy, 'otel-collector', 'config.yaml');
    expect(await runTool(otelcol, ['validate', '--config', file])).toMatchObject({ exitCode: 0 });
  });
});
