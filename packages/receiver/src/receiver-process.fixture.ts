import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LogEntry } from './log.ts';
import type { ReceiverOptionsInput } from './options.ts';

/** A receiver in a process of its own, to be killed. */
export interface ReceiverProcess {
  readonly url: string;
  /** Resolves with the log line that has the event, also if it came before. */
  waitFor(event: string): Promise<LogEntry>;
  /** No handler runs: as a crash or the OOM killer would. */
  kill(): Promise<void>;
}

const SCRIPT = `
  const { startReceiver } = await import(${JSON.stringify(new URL('start-receiver.ts', import.meta.url))});
  await startReceiver(JSON.parse(process.env.RECEIVER_OPTIONS), {
    log: (entry) => process.stdout.write(JSON.stringify(entry) + '\\n'),
  });`;

export async function startReceiverProcess(options: ReceiverOptionsInput): Promise<ReceiverProcess> {
  const child = spawn(
    process.execPath,
    ['--conditions=@heapfloor/source', '--input-type=module', '-e', SCRIPT],
    {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { ...process.env, RECEIVER_OPTIONS: JSON.stringify(options) },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const waitFor = readLog(child);
  const { url } = await waitFor('listening');
  return {
    url: String(url),
    waitFor,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function readLog(child: ChildProcess & { stdout: NodeJS.ReadableStream }): ReceiverProcess['waitFor'] {
  const entries: LogEntry[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    entries.push(JSON.parse(line) as LogEntry);
    for (const look of waiting) look();
  });
  return async (event) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const entry = entries.find((each) => each.event === event);
        if (entry === undefined) return;
        waiting.delete(look);
        resolve(entry);
      };
      waiting.add(look);
      child.once('exit', (code, signal) => reject(new Error(`the receiver ended (${code ?? signal})`)));
      look();
    });
}
