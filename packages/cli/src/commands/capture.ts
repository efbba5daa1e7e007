import { readFile } from 'node:fs/promises';
import { captureKind, CAPTURE_KINDS, HeapfloorError, type CaptureResponse } from '@heapfloor/contract';
import { createControlClient } from '@heapfloor/receiver';
import { z } from 'zod';
import { describeFlags, parseArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { formatDuration, formatMiB, plainText } from '../terminal/format.ts';

const captureOptions = z.strictObject({
  address: z.string().meta({ description: 'Control endpoint: unix:/run/app.sock or http://127.0.0.1:9465.' }),
  instance: z
    .string()
    .min(1)
    .meta({ description: 'service.instance.id of the app; the command is signed for it alone.' }),
  key: z
    .string()
    .default('.heapfloor/control-key.pem')
    .meta({ description: 'Private key file (Ed25519, PKCS#8 PEM).' }),
  kind: captureKind
    .default('heap-snapshot')
    .meta({ description: 'What to take; a refused kind is replaced by a cheaper one.' }),
  snapshots: z
    .int()
    .min(1)
    .max(2)
    .default(1)
    .meta({ description: 'Heap snapshots to take; two can be compared.' }),
  gapMs: z.int().min(0).default(10_000).meta({ description: 'Pause between two snapshots, in ms.' }),
  out: z.string().default('.').meta({ description: 'Directory for the artifacts.' }),
  dryRun: z.boolean().default(false).meta({ description: 'Print the verdict and do nothing.' }),
  json: z.boolean().default(false).meta({ description: 'Print the answer as one JSON object.' }),
});

export const captureCommand: Command = {
  name: 'capture',
  summary: 'Ask one app for evidence now: report, heap profile or heap snapshot.',
  help: [
    'heapfloor capture --address <address> --instance <id> [flags]',
    '',
    `Kinds, cheapest first: ${CAPTURE_KINDS.join(', ')}. A heap snapshot stops the service for seconds; the guards decide.`,
    '',
    describeFlags(captureOptions),
  ].join('\n'),
  async run(args, { signal, stdout }) {
    const { options } = parseArguments(captureOptions, args, {
      command: 'heapfloor capture',
      positionals: [0, 0],
    });
    const client = createControlClient({
      address: options.address,
      instance: options.instance,
      privateKeyPem: await readKey(options.key),
    });
    const captureId = `cli-${Date.now().toString(36)}-${process.pid.toString(36)}`;
    const started = await client.capture({
      action: 'capture',
      captureId,
      kind: options.kind,
      alertFingerprint: null,
      dryRun: options.dryRun,
      snapshotCount: options.snapshots,
      snapshotGapMs: options.gapMs,
    });
    if (!options.json) stdout.write(`${plainText(started.verdict.explanation)}\n`);
    const done =
      started.operation?.state === 'running' ? await client.waitUntilDone(captureId, { signal }) : started;
    const artifacts = done.operation?.artifacts ?? [];
    artifacts.forEach((artifact) => assertOurs(artifact.fileName, captureId));
    const files = await Promise.all(
      artifacts.map(async (artifact) => client.downloadArtifact(captureId, artifact, options.out)),
    );
    if (files.length > 0) await client.remove(captureId);
    stdout.write(options.json ? `${JSON.stringify({ ...done, files })}\n` : describe(done, files));
    return succeeded(done, options.dryRun) ? 0 : 1;
  },
};

function succeeded(response: CaptureResponse, dryRun: boolean): boolean {
  return dryRun ? response.verdict.grantedKind !== null : response.operation?.state === 'succeeded';
}

function describe(response: CaptureResponse, files: readonly string[]): string {
  const artifacts = response.operation?.artifacts ?? [];
  const lines = artifacts.map((artifact, index) => {
    const stall = artifact.stallMs === null ? 'not measured' : formatDuration(artifact.stallMs);
    return `${files[index]}  ${formatMiB(artifact.sizeBytes)}, stall ${stall}\n`;
  });
  const error = response.operation?.error;
  return [...lines, ...(error ? [`${error.code}: ${error.message}\n`] : [])].join('');
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = (error as Error).message;
    throw new HeapfloorError(
      'CLI_KEY_UNREADABLE',
      `--key ${path}: ${reason}; the receiver creates it at its first start`,
    );
  }
}

/** Whoever answers on the address names the files; none may replace one that was here before. */
function assertOurs(fileName: string, captureId: string): void {
  if (fileName.startsWith(`${captureId}.`)) return;
  throw new HeapfloorError(
    'CLI_ANSWER_INVALID',
    `the endpoint offers ${fileName}, which is no file of capture ${captureId}`,
    {
      kind: 'dependency',
    },
  );
}
