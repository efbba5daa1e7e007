import { spawn } from 'node:child_process';

export interface ToolResult {
  readonly exitCode: number | null;
  /** What it printed, both streams in the order of arrival. */
  readonly output: string;
}

/** Runs a command-line peer (promtool, amtool, otelcol validate) to its end. */
export async function runTool(path: string, args: readonly string[], cwd?: string): Promise<ToolResult> {
  const child = spawn(path, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { exitCode, output };
}
