import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { program, ROOT, VARIANTS, type Variant } from './variants.ts';

export interface App {
  readonly variant: Variant;
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  /** Where prom-client is scraped. */
  readonly metricsPort: number | null;
  readonly stderr: () => string;
}

export interface StartOptions {
  /** A command that runs Node, with its arguments. */
  readonly wrapper?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Traces and logs are off for all: the comparison is of metrics. */
const METRICS_ONLY = { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

/** Starts the app under a variant, and waits until it listens. */
export async function startApp(variant: Variant, options: StartOptions): Promise<App> {
  const { wrapper = [], nodeArgs = [], env } = options;
  const command = [...wrapper, process.execPath, ...nodeArgs, ...VARIANTS[variant], program('app')];
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: ROOT,
    env: { ...cleanEnv(), ...METRICS_ONLY, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = once(child, 'close');
  const wanted = variant === 'promClient' ? ['app', 'metrics'] : ['app'];
  while (!wanted.every((name) => readPort(stdout, name) !== null)) {
    await Promise.race([once(child.stdout, 'data'), closed]);
    if (child.exitCode !== null)
      throw new Error(`${variant} ended before it listened: ${stderr.slice(0, 1000)}`);
  }
  return {
    variant,
    child,
    pid: child.pid ?? 0,
    port: readPort(stdout, 'app') ?? 0,
    metricsPort: readPort(stdout, 'metrics'),
    stderr: () => stderr,
  };
}

export async function stopApp({ child }: App): Promise<void> {
  const closed = once(child, 'close');
  if (child.exitCode === null && child.kill('SIGKILL')) await closed;
}

/** Without what would change a variant: the environment of the bench itself. */
export function cleanEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(OTEL_|NODE_)/.test(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

function readPort(stdout: string, name: string): number | null {
  const match = new RegExp(`^${name} (\\d+)\\n`, 'm').exec(stdout);
  return match === null ? null : Number(match[1]);
}
