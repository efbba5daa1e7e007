import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

const DEMO = ['--conditions=@heapfloor/source', 'packages/cli/src/main.ts', 'demo'];
const started: ChildProcess[] = [];
/** What a killed demo leaves behind goes with it. */
const temporary = mkdtempSync(join(tmpdir(), 'hf-demo-'));
/** The result of the first test. */
const kept = new Set<string>();

function startDemo(...flags: string[]): ChildProcess {
  const child = spawn(process.execPath, [...DEMO, ...flags], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

afterEach(() => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

interface DemoOutput {
  readonly floorBytes: number;
  readonly limitBytes: number;
  readonly utilization: number;
  readonly samples: number;
  readonly alertAt: string;
  readonly captureVerdict: string;
  readonly artifacts: readonly { readonly kind: string; readonly path: string; readonly sha256: string }[];
  readonly suspect: { readonly constructor: string; readonly retainerPath: readonly string[] };
}

describe('heapfloor demo', () => {
  it('--once --json notices, captures and explains the leak, and leaves no process', async () => {
    const child = startDemo('--once', '--json');
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, stderr }).toMatchObject({ code: 0 });

    const output = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as DemoOutput;
    expect(output.limitBytes).toBe(96 * 2 ** 20);
    expect(output.utilization).toBeGreaterThan(0.75);
    expect(output.utilization).toBeCloseTo(output.floorBytes / output.limitBytes, 6);
    expect(output.samples).toBeGreaterThanOrEqual(2);
    expect(Date.parse(output.alertAt)).toBeGreaterThan(Date.now() - 240_000);
    expect(output.captureVerdict).toBe('allowed');
    expect(output.suspect.constructor).toBe('Session');
    expect(output.suspect.retainerPath.join(' ')).toMatch(/SessionStore.*sessions.*Map.*Session/);
    expect(output.artifacts.map((artifact) => artifact.kind)).toEqual(['heap-snapshot', 'heap-snapshot']);
    for (const { path, sha256 } of output.artifacts) {
      expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256);
    }
    for (const name of readdirSync(temporary)) kept.add(name);
    expect(isAlive(Number(/shop started\s+pid (\d+)/.exec(stderr)?.[1]))).toBe(false);
  });

  it('is ended by Ctrl-C at any time, and takes its shop with it', async () => {
    const child = startDemo('--port', '0');
    const shopPid = await readShopPid(child);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    expect(isAlive(shopPid)).toBe(false);
  });

  it('--once fails when it is ended before there is a report, and leaves no file', async () => {
    const child = startDemo('--once');
    await readShopPid(child);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(1);
    expect(readdirSync(temporary).filter((name) => !kept.has(name))).toEqual([]);
  });

  it('takes its shop with it even when it is killed', async () => {
    const child = startDemo('--port', '0');
    const shopPid = await readShopPid(child);
    child.kill('SIGKILL');
    await expect.poll(() => isAlive(shopPid), { timeout: 10_000 }).toBe(false);
  });
});

async function readShopPid(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('the demo has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    const pid = /shop started\s+pid (\d+)/.exec(line)?.[1];
    if (pid === undefined) continue;
    child.stdout.resume();
    return Number(pid);
  }
  throw new Error('the demo ended before it started its shop');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
