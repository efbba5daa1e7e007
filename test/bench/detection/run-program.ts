import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { Readable, type Stream } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CorpusProgram } from '../../corpus/manifest.ts';
import { parseMajors, type TracedMajor } from './gc-trace.ts';
import type { Sample } from './sample.ts';

/** How one program of the corpus lived. */
export interface ProgramRun {
  /** `oom`: aborted by V8 because the heap was full. `ended`: by itself, with code 0. */
  readonly outcome: 'oom' | 'ended' | 'failed';
  /** Code or signal, and the end of what it said. */
  readonly exit: string;
  readonly samples: readonly Sample[];
  readonly majors: readonly TracedMajor[];
  /** Load average of the last minute at its end. */
  readonly load: number;
}

const OBSERVER = fileURLToPath(new URL('./observe.ts', import.meta.url));
const EXIT_AFTER_ABORT = 134;
/** A program that lives this many times longer than expected is stuck. */
const MAX_LIFE_FACTOR = 3;

export async function runProgram(program: CorpusProgram): Promise<ProgramRun> {
  const child = spawn(process.execPath, argumentsOf(program), {
    env: withoutNodeOptions(),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [stdout, stderr, lines] = [child.stdout, child.stderr, child.stdio[3]].map(collect);
  const timer = setTimeout(() => child.kill('SIGKILL'), program.expectedSeconds * 1000 * MAX_LIFE_FACTOR);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  const said = stderr?.() ?? '';
  return {
    outcome: outcomeOf(code, signal, said),
    exit: `${signal ?? code} ${said.trimEnd().slice(-300)}`.trimEnd(),
    samples: parseSamples(lines?.() ?? ''),
    majors: parseMajors(stdout?.() ?? ''),
    load: loadavg()[0] ?? 0,
  };
}

function argumentsOf({ name, limitMib, semiSpaceMib }: CorpusProgram): string[] {
  return [
    '--conditions=@heapfloor/source',
    `--import=${OBSERVER}`,
    '--trace-gc',
    `--max-old-space-size=${limitMib}`,
    ...(semiSpaceMib === null ? [] : [`--max-semi-space-size=${semiSpaceMib}`]),
    fileURLToPath(new URL(`../../corpus/programs/${name}.ts`, import.meta.url)),
  ];
}

function withoutNodeOptions(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _ignored, ...env } = process.env;
  return env;
}

function collect(stream: Stream | null | undefined): () => string {
  let text = '';
  if (stream instanceof Readable) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return () => text;
}

function outcomeOf(code: number | null, signal: string | null, said: string): ProgramRun['outcome'] {
  const isAborted = signal === 'SIGABRT' || code === EXIT_AFTER_ABORT;
  if (isAborted && said.includes('JavaScript heap out of memory')) return 'oom';
  return code === 0 ? 'ended' : 'failed';
}

function parseSamples(lines: string): Sample[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sample);
}
