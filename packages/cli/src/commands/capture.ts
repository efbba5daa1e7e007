import { CAPTURE_KINDS, HeapfloorError, type CaptureResponse, type ClusterChild } from '@heapfloor/contract';
import { createControlClient, type ControlClient } from '@heapfloor/receiver';
import { describeFlags } from '../arguments.ts';
import {
  captureOptions,
  readCaptureOptions,
  toCaptureCommand,
  toClientOptions,
  type CaptureOptions,
} from '../capture/capture-options.ts';
import { describeResult, describeVerdict } from '../capture/describe-capture.ts';
import { followCapture } from '../capture/follow-capture.ts';
import type { Command, CommandContext } from '../command.ts';
import { plainText } from '../terminal/format.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';

/** Every guard was asked, and nothing was taken. */
const EXIT_REFUSED = 3;

export const captureCommand: Command = {
  name: 'capture',
  summary: 'Ask one app for evidence now: report, profile, heap snapshot, inspector.',
  help: [
    'heapfloor capture <target> --instance <id> [flags]',
    '',
    'The target is its control endpoint: unix:/run/app.sock, http://127.0.0.1:9465 or https://10.0.0.7:9465.',
    `Kinds, cheapest first: ${CAPTURE_KINDS.join(', ')}. A heap snapshot stops the service for seconds; the guards decide.`,
    'With --isolate all: every worker too, and every child of a cluster on this machine, one after the other.',
    'Ctrl-C stops a profile or an inspector; what there is is kept.',
    'Exit codes: 0 taken, if need be a cheaper kind (with --dry-run: would be), 1 failed, 2 a wrong flag or file, 3 refused.',
    '',
    describeFlags(captureOptions),
  ].join('\n'),
  async run(args, context) {
    const options = readCaptureOptions(args);
    const client = createControlClient(await toClientOptions(options));
    if (options.reset !== undefined) {
      await client.reset(options.reset);
      return print(context, options, {
        value: { reset: options.reset },
        lines: [`${options.reset} may be taken again`],
      });
    }
    if (options.stop !== undefined) {
      const value = await client.stop(options.stop);
      return print(context, options, {
        value,
        lines: [`${options.stop}: ${value.operation?.phase ?? 'stopping'}`],
      });
    }
    const { exitCode, children } = await capture(client, options, context);
    const exitCodes = [exitCode];
    // One after the other: they share the machine's memory.
    for (const { instance, address } of children) {
      context.stderr.write(`${plainText(instance)}, child of the cluster\n`);
      const child = { ...options, instance, target: address };
      const clientOfChild = createControlClient(await toClientOptions(child));
      exitCodes.push((await capture(clientOfChild, child, context)).exitCode);
    }
    return Math.max(...exitCodes);
  },
};

async function capture(
  client: ControlClient,
  options: CaptureOptions,
  context: CommandContext,
): Promise<{ exitCode: number; children: readonly ClusterChild[] }> {
  const { signal, stdout, stderr } = context;
  const captureId = `cli-${Date.now().toString(36)}-${process.pid.toString(36)}`;
  const progress = createProgress(options.json ? stderr : stdout, {
    isTerminal: !options.json && stdout.isTTY === true,
    columns: stdout.columns ?? 80,
    now: () => performance.now(),
  });
  const started = await client.capture(toCaptureCommand(options, captureId));
  tellVerdict(started, progress);
  const done =
    started.operation?.state === 'running'
      ? await followCapture(client, captureId, { ...options, signal, progress })
      : started;
  const files = await download(client, { captureId, done, toDirectory: options.out });
  print(context, options, { value: { ...done, files }, lines: describeResult(done, files) });
  return { exitCode: exitCodeOf(done, options.dryRun), children: started.children ?? [] };
}

function tellVerdict({ verdict }: CaptureResponse, progress: Progress): void {
  const [first = '', ...more] = describeVerdict(verdict);
  if (verdict.grantedKind === null) progress.fail('verdict', first);
  else progress.step('verdict', first);
  for (const line of more) progress.note(line);
}

async function download(
  client: ControlClient,
  { captureId, done, toDirectory }: { captureId: string; done: CaptureResponse; toDirectory: string },
): Promise<string[]> {
  const artifacts = done.operation?.artifacts ?? [];
  for (const { fileName } of artifacts) assertOurs(fileName, captureId);
  const files: string[] = [];
  // One after the other: the app's disk and network are in use.
  for (const artifact of artifacts)
    files.push(await client.downloadArtifact(captureId, artifact, toDirectory));
  if (files.length > 0) await client.remove(captureId);
  return files;
}

function exitCodeOf({ verdict, operation }: CaptureResponse, dryRun: boolean): number {
  if (verdict.grantedKind === null) return EXIT_REFUSED;
  return dryRun || operation?.state === 'succeeded' ? 0 : 1;
}

function print(
  { stdout }: CommandContext,
  { json }: CaptureOptions,
  { value, lines }: { value: object; lines: readonly string[] },
): number {
  stdout.write(json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${line}\n`).join(''));
  return 0;
}

/** Whoever answers on the address names the files; none may replace one that was here before. */
function assertOurs(fileName: string, captureId: string): void {
  if (fileName.startsWith(`${captureId}.`)) return;
  throw new HeapfloorError(
    'CLI_ANSWER_INVALID',
    `the endpoint offers ${fileName}, which is no file of capture ${captureId}`,
    { kind: 'dependency' },
  );
}
