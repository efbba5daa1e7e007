import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { controlVariables } from './control-variables.ts';

/** What the app says. */
type Message =
  | { readonly type: 'filled' | 'taken' }
  | { readonly type: 'begun'; readonly heapUsedBytes: number }
  | { readonly type: 'ended'; readonly stallMs: number };

export interface HeapApp {
  readonly pid: number;
  readonly begin: () => Promise<{ heapUsedBytes: number }>;
  readonly takePlain: (path: string) => Promise<void>;
  /** The longest time for which its event loop stood still since `begin`, as the app itself saw it. */
  readonly end: () => Promise<{ stallMs: number }>;
  readonly stop: () => Promise<void>;
}

/** Half a gigabyte stands still for most of a minute, which an instance in service is not allowed. */
const LARGE = {
  HEAPFLOOR_CONTROL_MAX_PAUSE_MS: '600000',
  HEAPFLOOR_CONTROL_HEAP_CEILING_BYTES: String(2 ** 40),
};

/** @param control - directory of its control; null for an app without. */
export async function startHeapApp(heapMib: number, control: string | null): Promise<HeapApp> {
  const { env, execArgv } = control === null ? { env: {}, execArgv: [] } : controlVariables(control, LARGE);
  const child = fork(fileURLToPath(new URL('./heap-app.mjs', import.meta.url)), [], {
    execArgv: ['--max-old-space-size=8192', ...execArgv],
    env: { PATH: process.env['PATH'], BENCH_HEAP_MIB: String(heapMib), ...env },
  });
  await nextMessage(child, 'filled');
  return {
    pid: child.pid ?? 0,
    begin: async () => ask(child, { type: 'begin' }, 'begun'),
    takePlain: async (path) => void (await ask(child, { type: 'plain', path }, 'taken')),
    end: async () => ask(child, { type: 'end' }, 'ended'),
    async stop() {
      const closed = once(child, 'close');
      if (child.exitCode === null && child.kill('SIGKILL')) await closed;
    },
  };
}

async function ask<Type extends Message['type']>(child: ChildProcess, message: object, type: Type) {
  const answer = nextMessage(child, type);
  child.send(message);
  return answer;
}

async function nextMessage<Type extends Message['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<Message, { type: Type }>> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the app ended (${String(signal ?? code)}) before it said "${type}"`);
  });
  for (;;) {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [Message];
    if (message.type === type) return message as Extract<Message, { type: Type }>;
  }
}
