import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OtlpSink } from '../testing/otlp-sink.ts';
import { createPool, endOf } from '../testing/register-run.ts';
import { program, REGISTER_ARGS, runNode } from '../testing/run-node.ts';

const pool = createPool();
afterEach(() => pool.close());

/** Runs a program with register mode in `NODE_OPTIONS`, as a container image would. @returns all resources that came. */
async function resourcesOf(script: string, args: readonly string[], given: string) {
  const sink = await pool.startSink();
  const end = await endOf(
    runNode([script, ...args], {
      NODE_OPTIONS: REGISTER_ARGS.join(' '),
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
      OTEL_METRIC_EXPORT_INTERVAL: '400',
      OTEL_RESOURCE_ATTRIBUTES: given,
    }),
  );
  expect(end.exitCode).toBe(0);
  return sink.exports.map((one) => one.resource);
}

async function childrenOf(how: string, depth: number, given = 'service.instance.id=pod-1') {
  const resources = await resourcesOf(program('register-children-app.ts'), [how, String(depth)], given);
  const byPid = new Map(
    resources.map((one) => [Number(one['process.pid']), String(one['service.instance.id'])]),
  );
  return [...byPid].map(([pid, id]) => ({ pid, id }));
}

describe('processes that inherit register mode and an instance id', () => {
  it.each(['spawn', 'fork'])('by %s: the first has it as given, the others append their pid', async (how) => {
    const found = await childrenOf(how, 2);
    expect(found).toHaveLength(3);
    const others = found.filter(({ id }) => id !== 'pod-1');
    expect(others.map(({ id }) => id).toSorted()).toEqual(others.map(({ pid }) => `pod-1-${pid}`).toSorted());
    expect(others).toHaveLength(2);
  });

  it('by cluster: children append their number', async () => {
    const found = await childrenOf('cluster', 1);
    expect(found.map(({ id }) => id).toSorted()).toEqual(['pod-1', 'pod-1-1', 'pod-1-2']);
  });

  it('have one of their own each where none is given', async () => {
    const found = await childrenOf('fork', 2, 'k8s.pod.name=p');
    expect(new Set(found.map(({ id }) => id)).size).toBe(3);
    for (const { id } of found) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a package manager', () => {
  it('is not watched, and leaves the given id to the app that it starts', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'heapfloor-npm-'));
    mkdirSync(join(directory, 'bin'));
    const manager = join(directory, 'bin', 'npm-cli.js');
    writeFileSync(
      manager,
      `require('node:child_process').spawnSync(process.execPath, process.argv.slice(2), { stdio: 'inherit' });`,
    );
    const args = [program('register-children-app.ts'), 'fork', '0'];
    const resources = await resourcesOf(manager, args, 'service.instance.id=pod-1');
    const ids = new Set(resources.map((one) => one['service.instance.id']));
    expect(ids).toEqual(new Set(['pod-1']));
    rmSync(directory, { recursive: true });
  });
});

describe('an app that closes its stderr', () => {
  it('finds nothing of ours in the file that it opens next', async () => {
    const sink: OtlpSink = await pool.startSink('unavailable');
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_METRIC_EXPORT_INTERVAL: '100' };
    const { stdout, exitCode } = await endOf(pool.start(['register-silent-app.ts'], env));
    expect(sink.exports.length).toBeGreaterThan(2);
    expect({ stdout, exitCode }).toEqual({ stdout: 'fd=2 data=""\n', exitCode: 0 });
  });
});
