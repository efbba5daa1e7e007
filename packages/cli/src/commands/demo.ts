import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '@heapfloor/contract';
import { z } from 'zod';
import { describeFlags, parseArguments } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { toResult } from '../demo/result.ts';
import { runDemo } from '../demo/run-demo.ts';
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
  limitMib: z.int().min(64).max(1024).default(96).meta({ description: 'The shop’s --max-old-space-size.' }),
  rps: z.int().min(10).max(1000).default(180).meta({ description: 'Requests per second.' }),
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
    try {
      return await present({ ...options, workDirectory }, context, progress);
    } finally {
      // With --once the artifacts are the result; otherwise nothing of the demo stays behind.
      if (!options.once) await rm(workDirectory, { recursive: true, force: true });
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
  const port = options.once ? 0 : await freePort(options.port);
  try {
    const run = await runDemo(
      {
        port,
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
    return 0;
  } catch (error) {
    // Ctrl-C before the end is no failure of a station.
    if (context.signal.aborted) return 0;
    progress.fail('demo failed', describeError(error));
    return 1;
  }
}

/** The wanted port, or 0 when something else listens there already. */
async function freePort(wanted: number): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(wanted, '127.0.0.1');
    await once(probe, 'listening');
    return wanted;
  } catch {
    return 0; // the error can only be that the port is taken or not ours; a free one serves as well
  } finally {
    probe.close();
  }
}
