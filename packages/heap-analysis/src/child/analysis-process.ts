import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AnalysisLimits } from '../options.ts';

/** Enough for V8's report of an out-of-memory. */
const MAX_STDERR_LENGTH = 16_384;
const isSource = import.meta.url.endsWith('.ts');
const childPath = fileURLToPath(
  new URL(isSource ? './analysis-child.ts' : './analysis-child.js', import.meta.url),
);

export interface AnalysisProcess {
  readonly process: ChildProcess;
  /** What it wrote last, for the reason of a crash. */
  readonly stderr: () => string;
}

/** The process gets none of our variables, which hold secrets, and none of our flags, which may open an inspector. */
export function startAnalysisProcess(limits: AnalysisLimits): AnalysisProcess {
  const execArgv = [`--max-old-space-size=${limits.memoryLimitMiB}`];
  if (isSource) execArgv.push('--conditions=@heapfloor/source');
  const child = fork(childPath, [], { execArgv, env: {}, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_LENGTH);
  });
  return { process: child, stderr: () => stderr };
}

/** Kills the process if it still runs, and returns when it is gone and its memory is free. */
export async function stopAnalysisProcess({ process: child }: AnalysisProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
