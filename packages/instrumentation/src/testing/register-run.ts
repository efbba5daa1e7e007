import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startOtlpSink, type OtlpSink, type SinkMode, type SinkOptions } from './otlp-sink.ts';
import { program, REGISTER_ARGS, runNode, type NodeRun } from './run-node.ts';

/** Arguments of Node that start register mode from its source in the other way. */
export const REQUIRE_ARGS: readonly string[] = [
  '--conditions=@heapfloor/source',
  `--require=${fileURLToPath(new URL('../register-require.ts', import.meta.url))}`,
];

/** The last words of an app. */
export interface AppEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** What we have said on stderr. */
  readonly lines: readonly string[];
}

export async function endOf(run: NodeRun): Promise<AppEnd> {
  const exitCode = await run.exited;
  const lines = run
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('heapfloor: '));
  return { exitCode, signal: run.child.signalCode, stdout: run.stdout(), lines };
}

/** Runs a program under register mode to its end. */
export async function runApp(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  registerArgs = REGISTER_ARGS,
): Promise<AppEnd> {
  const [file = '', ...rest] = args;
  return endOf(runNode([...registerArgs, program(file), ...rest], env));
}

/** Opens sinks and runs for one test, and ends what is left of them. */
export function createPool() {
  const sinks: OtlpSink[] = [];
  const runs: NodeRun[] = [];
  return {
    async startSink(mode: SinkMode | SinkOptions = 'accept'): Promise<OtlpSink> {
      const sink = await startOtlpSink(mode);
      sinks.push(sink);
      return sink;
    },
    /** Starts a program under register mode. */
    start(
      args: readonly string[],
      env: Readonly<Record<string, string>>,
      registerArgs = REGISTER_ARGS,
    ): NodeRun {
      const [file = '', ...rest] = args;
      const run = runNode([...registerArgs, program(file), ...rest], env);
      runs.push(run);
      return run;
    },
    async close(): Promise<void> {
      for (const run of runs.splice(0)) {
        run.child.kill('SIGKILL');
        await run.exited;
      }
      for (const sink of sinks.splice(0)) await sink.close();
    },
  };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
