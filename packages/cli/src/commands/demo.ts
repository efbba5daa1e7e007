import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '@heapfloor/contract';
import { z } from 'zod';
import { describeFlags, parseArguments } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { toResult } from '../demo/result.ts';
import { runDemo } from '../demo/run-demo.ts';
import { DemoError } from '../errors.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';

const demoOptions = z.strictObject({
  once: z
    .boolean()
    .default(false)
    .meta({ description: 'End when the report exists, instead of serving it until Ctrl-C.' }),
  json: z
    .boolean()
    .default(false)
    .meta({ description: 'Progress on stderr, and as the last line of stdout one JSON object.' }),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(9464)
    .meta({ description: 'Port of the report page; a free one if it is taken.' }),
  limitMib: z.int().min(80).max(256).default(96).meta({ description: 'The shop’s --max-old-space-size.' }),
  rps: z.int().min(60).max(300).default(180).meta({ description: 'Requests per second.' }),
});

const DEADLINE_MS = 240_000;

export const demoCommand: Command = {
  name: 'demo',
  summary: 'The whole loop on this machine: a leaking shop is noticed, captured, explained.',
  help: ['heapfloor demo [flags]', '', describeFlags(demoOptions)].join('\n'),
  async run(args, context) {
    const { options } = parseArguments(demoOptions, args, { command: 'heapfloor demo', positionals: [0, 0] });
    const out = options.json ? context.stderr : context.stdout;
    const isTerminal = !options.json && context.stdout.isTTY === true;
    const progress = createProgress(out, {
      isTerminal,
      columns: context.stdout.columns ?? 100,
      now: Date.now,
    });
    const workDirectory = await mkdtemp(join(tmpdir(), 'heapfloor-demo-'));
    out.write(`heapfloor demo    node ${process.versions.node}\n`);
    let isResult = false;
    try {
      const exitCode = await present({ ...options, workDirectory }, context, progress);
      isResult = options.once && exitCode === 0;
      return exitCode;
    } finally {
      // With --once the artifacts are the result; otherwise nothing of the demo stays behind.
      if (!isResult) await rm(workDirectory, { recursive: true, force: true });
    }
  },
};

interface PresentOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly port: number;
  readonly limitMib: number;
  readonly rps: number;
  readonly workDirectory: string;
}

async function present(
  options: PresentOptions,
  context: CommandContext,
  progress: Progress,
): Promise<number> {
  try {
    const run = await runDemo(
      {
        port: options.once ? 0 : options.port,
        limitMiB: options.limitMib,
        requestsPerSecond: options.rps,
        workDirectory: options.workDirectory,
        deadlineMs: DEADLINE_MS,
      },
      progress,
      context.signal,
    );
    progress.step('report', options.once ? run.artifactDirectory : run.reportUrl);
    if (options.json)
      context.stdout.write(`${JSON.stringify(toResult(run.record, run.artifactDirectory))}\n`);
    if (!options.once && !context.signal.aborted) {
      progress.note('Ctrl-C ends the demo and everything it started.');
      await once(context.signal, 'abort');
    }
    await run.stop();
    if (!options.once) progress.step('ended', 'nothing is left running or on the disk');
    return 0;
  } catch (error) {
    return explainEnd(error, { isOnce: options.once, isInterrupted: context.signal.aborted }, progress);
  }
}

/** Ctrl-C is no failure, unless a result was asked for. */
function explainEnd(
  error: unknown,
  { isOnce, isInterrupted }: { isOnce: boolean; isInterrupted: boolean },
  progress: Progress,
): number {
  if (isInterrupted && !isOnce) {
    progress.step('ended', 'nothing is left running or on the disk');
    return 0;
  }
  const cause = isInterrupted
    ? new DemoError('CLI_INTERRUPTED', 'the demo was ended before there was a report')
    : error;
  progress.fail('demo failed', describeError(cause));
  return 1;
}
