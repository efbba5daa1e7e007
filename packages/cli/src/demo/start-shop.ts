import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DemoError } from '../errors.ts';

export interface ShopOptions {
  readonly limitMiB: number;
  readonly receiverUrl: string;
  readonly instance: string;
  /** `unix:/…`; the demo's own 0700 directory. */
  readonly controlAddress: string;
  readonly publicKeyFile: string;
  readonly artifactDirectory: string;
  readonly exportIntervalMs: number;
}

export interface Shop {
  readonly pid: number;
  readonly url: string;
  /** Rejects when the shop ends before it is stopped. */
  readonly died: Promise<never>;
  readonly stop: () => Promise<void>;
}

const STDERR_KEPT_CHARACTERS = 4_000;

/** Starts the leaking shop as a user would: two `--import` flags and environment variables. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const child = spawn(process.execPath, shopArguments(options), {
    env: { PATH: process.env['PATH'], ...shopEnvironment(options) },
    // stdin is a pipe that only we hold: the shop ends when it closes, even if we are killed.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const state = { stopping: false, stderr: '' };
  child.stderr.on('data', (chunk: Buffer) => {
    state.stderr = (state.stderr + chunk.toString()).slice(-STDERR_KEPT_CHARACTERS);
  });
  const died = (async (): Promise<never> => {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (state.stopping) return new Promise<never>(() => {});
    throw new DemoError(
      'CLI_DEMO_SHOP_DIED',
      `the shop ended by itself (${signal ?? `exit code ${code}`}); its last words:\n${state.stderr.trim()}`,
    );
  })();
  died.catch(() => {});
  const port = await Promise.race([readPort(child), died]);
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    died,
    async stop() {
      state.stopping = true;
      await endChild(child);
    },
  };
}

function shopArguments(options: ShopOptions): string[] {
  const server = import.meta.url.endsWith('.ts') ? './shop/server.ts' : './shop/server.js';
  return [
    ...process.execArgv,
    `--max-old-space-size=${options.limitMiB}`,
    `--import=${import.meta.resolve('@heapfloor/instrumentation/register')}`,
    `--import=${import.meta.resolve('@heapfloor/control/register')}`,
    fileURLToPath(new URL(server, import.meta.url)),
  ];
}

function shopEnvironment(options: ShopOptions): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: 'shop',
    OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${options.instance},service.version=1.4.0`,
    OTEL_EXPORTER_OTLP_ENDPOINT: options.receiverUrl,
    OTEL_METRIC_EXPORT_INTERVAL: String(options.exportIntervalMs),
    HEAPFLOOR_CONTROL_KINDS: 'heap-snapshot,heap-profile,diagnostic-report',
    HEAPFLOOR_CONTROL_LISTEN: options.controlAddress,
    HEAPFLOOR_CONTROL_PUBLIC_KEYS: options.publicKeyFile,
    HEAPFLOOR_CONTROL_DIRECTORY: options.artifactDirectory,
    // It leaks from its first minute on; a real service has a start that is better left alone.
    HEAPFLOOR_CONTROL_WARM_UP_MS: '0',
  };
}

async function readPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('the shop has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) {
      child.stdout.resume();
      return (JSON.parse(line) as { port: number }).port;
    }
  }
  return new Promise<never>(() => {}); // it ended; `died` tells
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 2_000);
  await gone;
  clearTimeout(impatience);
}
