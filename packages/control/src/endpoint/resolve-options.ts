import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { OptionsError, parseOptions } from '@heapfloor/contract';
import { ControlOptionsError, cutText } from '../errors.ts';
import type { CapturePolicy } from '../guards/guard.ts';
import { controlOptions, type ResolvedControlOptions } from '../options.ts';
import { MAX_SOCKET_PATH_BYTES, parseListenAddress, type ListenAddress } from './listen.ts';
import { claimDirectory } from './claim-directory.ts';
import { prepareDirectory } from './prepare-directory.ts';
import { sweepInstances } from './sweep-instances.ts';

export interface ResolvedOptions {
  readonly options: ResolvedControlOptions;
  readonly policy: CapturePolicy;
  /** Of this instance alone. */
  readonly artifactDirectory: string;
  readonly address: ListenAddress;
  readonly publicKeysPem: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @returns null when no kind is enabled: control is off.
 * @throws ControlOptionsError with every problem of options, environment, files and folders at once.
 */
export function resolveOptions(
  input: Readonly<Record<string, unknown>>,
  env: Environment,
): ResolvedOptions | null {
  const options = parse(input, env);
  if (options.enabledKinds.length === 0) return null;
  const problems: string[] = [];
  if (options.publicKeyFiles.length === 0) {
    problems.push('publicKeyFiles: name at least one public key; commands are always signed');
  }
  const instance = options.instance ?? instanceOf(env) ?? `${hostname()}-${process.pid}`;
  const base =
    options.artifactDirectory ?? join(tmpdir(), `heapfloor-${process.getuid?.() ?? userInfo().username}`);
  // Two processes that share a directory would sweep each other's files.
  const artifactDirectory = join(base, encodeURIComponent(instance).replaceAll('.', '%2E').slice(0, 100));
  const address = readAddress(options.listen ?? `unix:${join(artifactDirectory, 'control.sock')}`, problems);
  const folders = [base, artifactDirectory, ...(address?.socketPath ? [dirname(address.socketPath)] : [])];
  problems.push(...[...new Set(folders)].flatMap((folder) => prepareDirectory(folder) ?? []));
  const publicKeysPem = options.publicKeyFiles.flatMap((file) => readPublicKey(file, problems));
  const claim = problems.length === 0 ? claimDirectory(artifactDirectory, instance) : null;
  if (claim !== null) problems.push(claim);
  if (problems.length > 0 || address === null) throw new ControlOptionsError(problems);
  sweepInstances(base, options.artifactMaxAgeMs);
  return { options, policy: toPolicy(options, instance), artifactDirectory, address, publicKeysPem };
}

function parse(input: Readonly<Record<string, unknown>>, env: Environment): ResolvedControlOptions {
  try {
    return parseOptions(controlOptions, input, {
      what: 'heapfloor control',
      code: 'CONTROL_OPTIONS_INVALID',
      env,
      envPrefix: 'HEAPFLOOR_CONTROL_',
    });
  } catch (error) {
    throw error instanceof OptionsError ? new ControlOptionsError(error.problems) : error;
  }
}

function toPolicy(options: ResolvedControlOptions, instance: string): CapturePolicy {
  const { snapshotCooldownMs, profileCooldownMs, reportCooldownMs } = options;
  return {
    ...options,
    instance,
    cooldownMs: {
      'heap-snapshot': snapshotCooldownMs,
      'heap-profile': profileCooldownMs,
      'diagnostic-report': reportCooldownMs,
    },
  };
}

function instanceOf(env: Environment): string | undefined {
  const value = /(?:^|,)\s*service\.instance\.id=([^,]+)/.exec(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '')?.[1];
  return value === undefined ? undefined : decodeURIComponent(value.trim());
}

function readAddress(text: string, problems: string[]): ListenAddress | null {
  try {
    const address = parseListenAddress(text);
    const pathBytes = Buffer.byteLength(address.socketPath ?? '');
    if (pathBytes <= MAX_SOCKET_PATH_BYTES) return address;
    problems.push(`listen: the socket's path has ${pathBytes} bytes, at most ${MAX_SOCKET_PATH_BYTES} fit`);
  } catch (error) {
    problems.push((error as Error).message);
  }
  return null;
}

function readPublicKey(file: string, problems: string[]): string[] {
  try {
    const pem = readFileSync(file, 'utf8');
    if (pem.includes('PRIVATE KEY'))
      throw new Error('it is a private key; the app must have the public one only');
    const { asymmetricKeyType } = createPublicKey(pem);
    if (asymmetricKeyType !== 'ed25519')
      throw new Error(`it is a key of type ${asymmetricKeyType}, not ed25519`);
    return [pem];
  } catch (error) {
    problems.push(`publicKeyFiles: ${cutText(file, 200)}: ${(error as Error).message}`);
    return [];
  }
}
