import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { OldSpaceLimit } from '../limit/derive-limit.ts';
import { program } from './run-node.ts';

const MIB = 1024 * 1024;

/**
 * Whose number ours is compared with.
 * - `initial_limit`: V8's own limit, which Node prints when the heap is full. The judge of all the others.
 * - `resource_limits`: what V8 would give a worker without a wish; the default by memory, for limits that take long to fill.
 * - `known_young`: `heap_size_limit` of the same flags beside `--max-semi-space-size=1`, less 3 MiB; likewise.
 */
export type OracleName = 'initial_limit' | 'resource_limits' | 'known_young';

export interface LimitRun {
  readonly flags?: readonly string[];
  readonly nodeOptions?: string;
  readonly oracle?: OracleName | undefined;
  /** Settings of `limit-in-worker.ts`: the limit is that of a worker. */
  readonly worker?: object;
  /** Command and arguments that start node in some surroundings. */
  readonly wrapper?: readonly string[];
  /** Called before the heap is filled. */
  readonly onStarted?: () => void;
}

export interface LimitOutcome {
  readonly ours: OldSpaceLimit;
  readonly v8Bytes: number;
}

interface Said {
  readonly ours: OldSpaceLimit;
  readonly heapSizeLimitBytes: number;
}

export interface LimitOracle {
  ask(run: LimitRun): Promise<LimitOutcome>;
  remove(): void;
}

/** Runs real processes, so many at once, and asks each for our limit and for that of V8. */
export function createLimitOracle(atOnce: number): LimitOracle {
  const directory = mkdtempSync(join(tmpdir(), 'heapfloor-limit-'));
  bundlePrograms(directory);
  const waiting: (() => void)[] = [];
  let runningCount = 0;
  return {
    async ask(run) {
      if (runningCount < atOnce) runningCount += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await askProcess(run, directory);
      } finally {
        const start = waiting.shift();
        if (start === undefined) runningCount -= 1;
        else start();
      }
    },
    remove() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** As JavaScript: `--lite-mode` has no WebAssembly, and without it Node cannot strip types. */
function bundlePrograms(directory: string): void {
  const entryPoints = [program('fill-heap.ts'), program('limit-in-worker.ts')];
  buildSync({ entryPoints, outdir: directory, bundle: true, platform: 'node', format: 'esm' });
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
}

async function askProcess(run: LimitRun, directory: string): Promise<LimitOutcome> {
  const process = new LimitProcess(run, directory);
  try {
    const { ours } = await process.readLimit();
    run.onStarted?.();
    return { ours, v8Bytes: await readOracle(run, process, directory) };
  } finally {
    await process.end();
  }
}

async function readOracle(run: LimitRun, process: LimitProcess, directory: string): Promise<number> {
  switch (run.oracle) {
    case 'resource_limits':
      return (await process.order('worker', 'stdout', /worker=([\d.]+)\n/)) * MIB;
    case 'known_young':
      return readKnownYoung(run, directory);
    case 'initial_limit':
    case undefined:
      // The process is ended before it writes a snapshot.
      return process.order('fill', 'stderr', /initial_limit=\s*(\d+)/);
    default:
      return run.oracle satisfies never;
  }
}

async function readKnownYoung(run: LimitRun, directory: string): Promise<number> {
  const flags = [...(run.flags ?? []), '--max-semi-space-size=1'];
  const process = new LimitProcess({ ...run, flags }, directory);
  try {
    return (await process.readLimit()).heapSizeLimitBytes - 3 * MIB;
  } finally {
    await process.end();
  }
}

class LimitProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #text = { stdout: '', stderr: '' };

  constructor({ flags = [], nodeOptions, worker, wrapper = [] }: LimitRun, directory: string) {
    const script = worker === undefined ? ['fill-heap.js'] : ['limit-in-worker.js', JSON.stringify(worker)];
    const [command = '', ...args] = [...wrapper, process.execPath, ...flags, ...script];
    this.#child = spawn(command, args, {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        NODE_DEBUG_NATIVE: 'diagnostics',
        // Even an empty one would hide the one of an --env-file.
        ...(nodeOptions !== undefined && nodeOptions !== '' && { NODE_OPTIONS: nodeOptions }),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const name of ['stdout', 'stderr'] as const)
      this.#child[name]?.on('data', (chunk: Buffer) => (this.#text[name] += chunk.toString()));
    // It may die before it reads its order.
    this.#child.stdin?.on('error', () => {});
    this.#closed = once(this.#child, 'close');
  }

  async readLimit(): Promise<Said> {
    return JSON.parse(await this.#waitFor('stdout', /limit=(.*)\n/)) as Said;
  }

  async order(word: string, stream: 'stdout' | 'stderr', answer: RegExp): Promise<number> {
    this.#child.stdin?.write(`${word}\n`);
    return Number(await this.#waitFor(stream, answer));
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  async #waitFor(name: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
    const stream = this.#child[name];
    let isOpen = true;
    const closed = this.#closed.then(() => (isOpen = false));
    for (;;) {
      const found = pattern.exec(this.#text[name])?.[1];
      if (found !== undefined) return found;
      if (!isOpen || stream === null)
        throw new Error(`ended without ${String(pattern)}: ${this.#lastWords()}`);
      await Promise.race([once(stream, 'data'), closed]);
    }
  }

  #lastWords(): string {
    return `${this.#text.stdout}${this.#text.stderr}`.slice(-500);
  }
}
