import type { Writable } from 'node:stream';

/** What a command may touch; `main.ts` passes the real ones. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable;
  /** Aborted by SIGINT and SIGTERM: end what was started and return. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole text of `--help`. */
  readonly help: string;
  /** @returns the exit code. Errors are thrown: the caller's mistakes end with 2, all others with 1. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}
