#!/usr/bin/env node
import { describeError, HeapfloorError } from '@heapfloor/contract';
import type { Command } from './command.ts';

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  receiver: async () => (await import('./commands/receiver.ts')).receiverCommand,
  capture: async () => (await import('./commands/capture.ts')).captureCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
};

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
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

/** The first signal asks for an orderly end; a second one ends at once, as it would without us. */
function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
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
