#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { describeError, HeapfloorError } from '@heapfloor/contract';
import type { Command } from './command.ts';

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  receiver: async () => (await import('./commands/receiver.ts')).receiverCommand,
  capture: async () => (await import('./commands/capture.ts')).captureCommand,
  keys: async () => (await import('./commands/keys.ts')).keysCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
};

/** `timeout` and terminals signal twice at once; that is not impatience yet. */
const IMPATIENCE_MS = 1_000;

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === '--version') return printVersion();
  if (load === undefined) return usage(name);
  try {
    const command = await load();
    if (rest.includes('--help') || rest.includes('-h')) {
      console.log(command.help);
      return 0;
    }
    return await command.run(rest, {
      env: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      signal: abortOnSignal(),
    });
  } catch (error) {
    return report(error);
  }
}

function printVersion(): number {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  console.log((JSON.parse(manifest) as { version: string }).version);
  return 0;
}

async function usage(name: string): Promise<number> {
  const commands = await Promise.all(Object.values(COMMANDS).map(async (load) => load()));
  const lines = commands.map((command) => `  ${command.name.padEnd(10)} ${command.summary}`);
  const text = `heapfloor <command> [flags]\n\n${lines.join('\n')}\n\nheapfloor <command> --help lists the flags.`;
  if (name === '' || name === '--help' || name === '-h') {
    console.log(text);
    return name === '' ? 2 : 0;
  }
  console.error(`heapfloor: no command '${name.slice(0, 40)}'\n\n${text}`);
  return 2;
}

/** The first signal, or a reader that went away, asks for an orderly end; a later signal ends at once. */
function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = Number.POSITIVE_INFINITY;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (performance.now() - firstAtMs > IMPATIENCE_MS) process.exit(130);
      firstAtMs = Math.min(firstAtMs, performance.now());
      controller.abort();
    });
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => controller.abort());
  return controller.signal;
}

function report(error: unknown): number {
  if (error instanceof HeapfloorError && error.kind !== 'internal') {
    console.error(`heapfloor: ${describeError(error)}`);
    return error.kind === 'caller' ? 2 : 1;
  }
  console.error('heapfloor: an error that we did not foresee; please report it with these lines:');
  console.error(error);
  return 1;
}
