import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { OptionsError, parseOptions } from '@heapfloor/contract';
import { controlOptions, type ControlOptions } from '../options.ts';
import { MAX_SOCKET_PATH_BYTES, parseListenAddress, type ListenAddress } from './listen.ts';
import { prepareDirectory } from './prepare-directory.ts';

export interface ResolvedOptions {
  readonly policy: ControlOptions;
  readonly instance: string;
  readonly artifactDirectory: string;
  readonly address: ListenAddress;
  readonly publicKeysPem: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws OptionsError with every problem of options, environment, files and folders at once. */
export function resolveOptions(input: Readonly<Record<string, unknown>>, env: Environment): ResolvedOptions {
  const policy = parseOptions(controlOptions, input, {
    what: 'heapfloor control',
    code: 'CONTROL_OPTIONS',
    env,
    envPrefix: 'HEAPFLOOR_CONTROL_',
  });
  const problems: string[] = [];
  const instance = policy.instance ?? instanceOf(env) ?? `${hostname()}-${process.pid}`;
  const artifactDirectory =
    policy.artifactDirectory ??
    join(tmpdir(), `heapfloor-${userInfo().uid}`, encodeURIComponent(instance).slice(0, 60));
  const address = readAddress(policy.listen ?? `unix:${join(artifactDirectory, 'control.sock')}`, problems);
  const folders = new Set([artifactDirectory, ...(address?.socketPath ? [dirname(address.socketPath)] : [])]);
  problems.push(...[...folders].flatMap((folder) => prepareDirectory(folder) ?? []));
  const publicKeysPem = policy.publicKeyFiles.flatMap((file) => readPublicKey(file, problems));
  if (problems.length > 0 || address === null)
    throw new OptionsError('CONTROL_OPTIONS', 'heapfloor control', problems);
  return { policy, instance, artifactDirectory, address, publicKeysPem };
}

function instanceOf(env: Environment): string | undefined {
  const value = /(?:^|,)\s*service\.instance\.id=([^,]+)/.exec(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '')?.[1];
  return value === undefined ? undefined : decodeURIComponent(value.trim());
}

function readAddress(text: string, problems: string[]): ListenAddress | null {
  try {
    const address = parseListenAddress(text);
    const pathBytes = Buffer.byteLength(address.socketPath ?? '');
    if (pathBytes > MAX_SOCKET_PATH_BYTES) {
      problems.push(
        `listen: the socket's path has ${pathBytes} bytes, at most ${MAX_SOCKET_PATH_BYTES} are possible`,
      );
    }
    return address;
  } catch (error) {
    problems.push((error as Error).message);
    return null;
  }
}

function readPublicKey(file: string, problems: string[]): string[] {
  try {
    const pem = readFileSync(file, 'utf8');
    const { asymmetricKeyType } = createPublicKey(pem);
    if (pem.includes('PRIVATE KEY'))
      throw new Error('it is a private key; the app must only have the public one');
    if (asymmetricKeyType !== 'ed25519')
      throw new Error(`it is a key of type ${asymmetricKeyType}, not ed25519`);
    return [pem];
  } catch (error) {
    problems.push(`publicKeyFiles: ${file}: ${(error as Error).message}`);
    return [];
  }
}
