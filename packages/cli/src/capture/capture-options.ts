import { readFile } from 'node:fs/promises';
import {
  captureCommand,
  captureId,
  captureKind,
  HeapfloorError,
  isolateName,
  OptionsError,
  type ControlCommandInput,
} from '@heapfloor/contract';
import type { ControlClientOptions } from '@heapfloor/receiver';
import { z } from 'zod';
import { parseArguments } from '../arguments.ts';
import { DURATION_PATTERN, parseDurationMs } from '../parse-duration.ts';

const COMMAND = 'heapfloor capture';
const duration = z.string().regex(DURATION_PATTERN, 'a duration such as 30s or 5m');
const file = z.string().min(1);

export const captureOptions = z.strictObject({
  address: z.string().optional().meta({ description: 'The target, as a flag.' }),
  instance: z
    .string()
    .min(1)
    .meta({ description: 'service.instance.id of the app; the command is signed for it alone.' }),
  key: file
    .default('.heapfloor/control-key.pem')
    .meta({ description: 'Private key file (Ed25519, PKCS#8 PEM).' }),
  kind: captureKind
    .default('heap-snapshot')
    .meta({ description: 'What to take; a refused kind is replaced by a cheaper one.' }),
  isolate: z
    .string()
    .refine((text) => text === 'all' || isolateName.safeParse(text).success, 'main, all or worker-N')
    .default('main')
    .meta({ description: 'Whose heap or CPU: main, all or worker-N.' }),
  duration: duration
    .optional()
    .meta({ description: 'Length of a profile or a timeline (30s), or life of an inspector (5m).' }),
  snapshots: z
    .int()
    .min(1)
    .max(2)
    .default(1)
    .meta({ description: 'Heap snapshots to take; two can be compared.' }),
  gap: duration.default('10s').meta({ description: 'Pause between two snapshots.' }),
  inspectorPort: z
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .meta({ description: 'Loopback port of the inspector; 0 takes a free one.' }),
  out: z.string().default('.').meta({ description: 'Directory for the artifacts.' }),
  dryRun: z.boolean().default(false).meta({ description: 'Print the verdict and do nothing.' }),
  stop: captureId
    .optional()
    .meta({ description: 'Instead of a capture: end the one with this id before its time.' }),
  reset: captureKind
    .optional()
    .meta({ description: 'Instead of a capture: let a kind be taken again that a process died of.' }),
  ca: file.optional().meta({ description: 'Authority of an https target (PEM).' }),
  cert: file.optional().meta({ description: 'Client certificate for mutual TLS (PEM).' }),
  certKey: file.optional().meta({ description: 'Its private key (PEM).' }),
  serverName: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Name in the target’s certificate, where that is not for its address.' }),
  json: z.boolean().default(false).meta({ description: 'Print the answer as one JSON object.' }),
});
export type CaptureOptions = z.output<typeof captureOptions> & { readonly target: string };

type CaptureInput = Extract<ControlCommandInput, { action: 'capture' }>;

/** @throws OptionsError */
export function readCaptureOptions(args: readonly string[]): CaptureOptions {
  const { options, positionals } = parseArguments(captureOptions, args, {
    command: COMMAND,
    positionals: [0, 1],
  });
  const targets = [...positionals, ...(options.address === undefined ? [] : [options.address])];
  const [target = ''] = targets;
  const isTls = target.startsWith('https:');
  const tlsFlags = (['ca', 'cert', 'certKey', 'serverName'] as const).filter(
    (name) => options[name] !== undefined,
  );
  const problems = [
    ...(targets.length === 1
      ? []
      : ['<target>: name one, such as unix:/run/app.sock or http://127.0.0.1:9465']),
    ...((options.cert === undefined) === (options.certKey === undefined)
      ? []
      : ['--cert, --cert-key: one needs the other']),
    ...(tlsFlags.length > 0 && !isTls
      ? ['--ca, --cert, --cert-key, --server-name: only for an https: target']
      : []),
    ...(options.stop !== undefined && options.reset !== undefined ? ['--stop, --reset: one at a time'] : []),
  ];
  if (problems.length > 0) throw new OptionsError('CLI_OPTIONS', COMMAND, problems);
  return { ...options, target };
}

/** @throws OptionsError for what the protocol does not allow. */
export function toCaptureCommand(options: CaptureOptions, id: string): CaptureInput {
  const durationMs = options.duration === undefined ? undefined : parseDurationMs(options.duration);
  const input = {
    action: 'capture' as const,
    captureId: id,
    kind: options.kind,
    alertFingerprint: null,
    isolate: options.isolate,
    dryRun: options.dryRun,
    snapshotCount: options.snapshots,
    snapshotGapMs: parseDurationMs(options.gap),
    inspectorPort: options.inspectorPort,
    ...(durationMs !== undefined &&
      (options.kind === 'inspector' ? { inspectorTtlMs: durationMs } : { profileDurationMs: durationMs })),
  };
  const parsed = captureCommand.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${flagOf(String(path[0]))}: ${message}`);
  throw new OptionsError('CLI_OPTIONS', COMMAND, problems);
}

/** @throws HeapfloorError for a file that can't be read. */
export async function toClientOptions(options: CaptureOptions): Promise<ControlClientOptions> {
  const [caPem, certPem, keyPem] = await Promise.all([
    readPem('--ca', options.ca),
    readPem('--cert', options.cert),
    readPem('--cert-key', options.certKey),
  ]);
  return {
    address: options.target,
    instance: options.instance,
    privateKeyPem: (await readPem('--key', options.key)) ?? '',
    tls: { caPem, certPem, keyPem, serverName: options.serverName },
  };
}

async function readPem(flag: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const advice =
      flag === '--key' ? '; the receiver creates it at its first start, heapfloor keys at any time' : '';
    throw new HeapfloorError('CLI_KEY_UNREADABLE', `${flag} ${path}: ${(error as Error).message}${advice}`);
  }
}

function flagOf(field: string): string {
  if (field === 'profileDurationMs' || field === 'inspectorTtlMs') return '--duration';
  return field === 'snapshotGapMs' ? '--gap' : field;
}
