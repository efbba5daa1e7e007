import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface NodeRun {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
}

const REGISTER = fileURLToPath(new URL('../register.ts', import.meta.url));

/** Arguments of Node that start register mode from its source. */
export const REGISTER_ARGS: readonly string[] = ['--conditions=@heapfloor/source', `--import=${REGISTER}`];

/** Path of a program beside this file. */
export function program(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

/** Starts this Node with only the given OpenTelemetry variables. */
export function runNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): NodeRun {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|HEAPFLOOR_|NODE_OPTIONS$)/.test(name),
  );
  const child = spawn(process.execPath, args, {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return { child, stdout: () => stdout, stderr: () => stderr, exited };
}

/** Resolves with the first match in what the stream says from now on. */
export async function waitForOutput(
  run: NodeRun,
  stream: 'stdout' | 'stderr',
  pattern: RegExp,
): Promise<RegExpExecArray> {
  for (;;) {
    const match = pattern.exec(run[stream]());
    if (match !== null) return match;
    const source = run.child[stream];
    if (source === null || run.child.exitCode !== null) throw new Error(`ended without ${String(pattern)}`);
    await Promise.race([once(source, 'data'), run.exited]);
  }
}
