import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ControlThreadInput, ControlTools } from './control-thread.fixture.ts';

const CONTROL_THREAD = new URL('./control-thread.fixture.ts', import.meta.url).href;

export interface CaptureAppOptions<Result> {
  /** What the app does in its main thread; it is run by `node --eval`. Where it calls `startControl()` control waits for it. */
  readonly app?: string;
  /** What its control thread does. It is sent as text, so it sees its argument and nothing around it. */
  readonly control: (tools: ControlTools) => Promise<Result>;
  readonly flags?: readonly string[];
  /** Called with each line that control tells, or the app writes. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
  readonly onStderr?: (text: string) => void;
}

export interface CaptureApps {
  /** @throws what control threw. */
  readonly run: <Result>(options: CaptureAppOptions<Result>) => Promise<Result>;
  /** For an app whose end is what matters. */
  readonly start: <Result>(options: CaptureAppOptions<Result>) => ChildProcess;
  readonly directory: () => string;
  readonly end: () => Promise<void>;
}

/** Apps whose worker thread calls parts of `capture` directly, without endpoint, guards and ledger. */
export function createCaptureApps(): CaptureApps {
  const children: ChildProcess[] = [];
  let folder: string | null = null;
  const directory = (): string => (folder ??= mkdtempSync(join(tmpdir(), 'hf-capture-')));
  function start<Result>(options: CaptureAppOptions<Result>): ChildProcess {
    const { app = 'setInterval(() => {}, 1000)', control, flags = [] } = options;
    const workerData: ControlThreadInput = { source: control.toString(), directory: directory() };
    const code = `const startControl = () => new (process.getBuiltinModule('worker_threads').Worker)(
        new URL(${JSON.stringify(CONTROL_THREAD)}),
        { name: 'heapfloor-control', execArgv: ['--conditions=@heapfloor/source'], workerData: ${JSON.stringify(workerData)} });
      ${app.includes('startControl()') ? '' : 'startControl();'}
      ${app}`;
    const child = spawn(process.execPath, [...flags, '--conditions=@heapfloor/source', '--eval', code], {
      cwd: directory(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr?.on('data', (text: Buffer) => options.onStderr?.(text.toString()));
    children.push(child);
    return child;
  }
  return {
    directory,
    start,
    async run<Result>(options: CaptureAppOptions<Result>) {
      let stderr = '';
      const child = start({
        ...options,
        onStderr: (text) => {
          stderr += text;
          options.onStderr?.(text);
        },
      });
      for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
        const { result, error } = parseOutcome(line);
        if (error !== undefined) throw new Error(error);
        if (result !== undefined) return result as Result;
        options.onLine?.(line, child);
      }
      throw new Error(`the app ended before its control was done: ${stderr}`);
    },
    async end() {
      for (const child of children.splice(0)) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
      folder = null;
    },
  };
}

function parseOutcome(line: string): { result?: unknown; error?: string } {
  return line.startsWith('{"result":') || line.startsWith('{"error":')
    ? (JSON.parse(line) as { result?: unknown; error?: string })
    : {};
}
