import { accessSync, constants, readdirSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { OptionsError } from '@heapfloor/contract/errors';
import { parseOptionsBySchema } from '@heapfloor/contract/option-schema';
import { ControlOptionsError } from '../errors.ts';
import { SNAPSHOT_KINDS, type CapturePolicy } from '../guards/guard.ts';
import { OPTIONS_TABLE } from '../options-table.ts';
import type { ResolvedControlOptions } from '../options.ts';
import { parseProbeAddress } from '../probe/parse-probe-address.ts';
import { MAX_SOCKET_PATH_BYTES, parseListenAddress, type ListenAddress } from './listen.ts';
import { claimDirectory } from './claim-directory.ts';
import { readKeys, type KeyRing } from './keys.ts';
import { prepareDirectory } from './prepare-directory.ts';
import { sweepInstances } from './sweep-instances.ts';
import { readTls, type TlsSource } from './tls.ts';

export interface ResolvedOptions {
  readonly options: ResolvedControlOptions;
  readonly policy: CapturePolicy;
  /** Whose budgets, lock-outs and learned costs count. */
  readonly service: string;
  /** The folder of all instances. */
  readonly base: string;
  /** Of this instance alone, in it. */
  readonly artifactDirectory: string;
  /** Null where only the signal asks: without a key nobody could command. */
  readonly address: ListenAddress | null;
  readonly probeAddress: ListenAddress | null;
  readonly isDrainConfigured: boolean;
  /** An earlier process of this instance left something to end, to adopt or to delete. */
  readonly hasLeftovers: boolean;
  readonly keys: KeyRing;
  /** Null without TLS. */
  readonly tls: TlsSource | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the main thread knows. */
interface Surroundings {
  readonly hasHooks: boolean;
  readonly clusterWorkerId: number | null;
}

/**
 * @returns null when no kind is enabled: control is off.
 * @throws ControlOptionsError with every problem of options, environment, files and folders at once.
 */
export function resolveOptions(
  input: Readonly<Record<string, unknown>>,
  env: Environment,
  { hasHooks, clusterWorkerId }: Surroundings,
): ResolvedOptions | null {
  const options = parse(input, env);
  if (options.enabledKinds.length === 0) return null;
  const problems: string[] = [];
  const instance = toInstance(options, env, clusterWorkerId);
  const base =
    options.artifactDirectory ?? join(tmpdir(), `heapfloor-${process.getuid?.() ?? userInfo().username}`);
  // Two processes that share a directory would sweep each other's files.
  const artifactDirectory = join(base, toFolderName(instance));
  const ownSocket = `unix:${join(artifactDirectory, 'control.sock')}`;
  // Children of a cluster inherit their parent's address, which is taken.
  const listenText = clusterWorkerId === null ? (options.listen ?? ownSocket) : ownSocket;
  const hasKeys = options.publicKeyFiles.length + options.limitedKeyFiles.length > 0;
  const isSignalOnly = !hasKeys && options.signal !== undefined && options.listen === undefined;
  const address = isSignalOnly ? null : readAddress(listenText, parseListenAddress, problems);
  const probeAddress =
    options.probeListen === undefined || clusterWorkerId !== null
      ? null
      : readAddress(options.probeListen, parseProbeAddress, problems);
  const folders = [base, artifactDirectory, ...(address?.socketPath ? [dirname(address.socketPath)] : [])];
  problems.push(...[...new Set(folders)].flatMap((folder) => prepareDirectory(folder) ?? []));
  problems.push(...checkSignalDirectory(options));
  const keys = isSignalOnly ? NO_KEYS : readKeys(options, problems);
  const tls = readTls({ ...options, listen: listenText }, problems);
  const claim = problems.length === 0 ? claimDirectory(artifactDirectory, instance) : null;
  if (claim !== null) problems.push(claim);
  if (problems.length > 0) throw new ControlOptionsError(problems);
  sweepInstances(base, options.artifactMaxAgeMs);
  const isDrainConfigured = options.drain || hasHooks;
  return {
    options,
    base,
    artifactDirectory,
    address,
    probeAddress,
    isDrainConfigured,
    hasLeftovers: readdirSync(artifactDirectory).some(isLeftover),
    keys,
    tls,
    policy: toPolicy(options, instance),
    service: toService(options, env) ?? instance,
  };
}

/** Half-written files, operations that may have been interrupted, a snapshot that V8 was armed for. */
function isLeftover(name: string): boolean {
  return name.endsWith('.tmp') || name.endsWith('.operation.json') || name === 'near-heap-limit.json';
}

const NO_KEYS: KeyRing = { current: () => [] };

function parse(input: Readonly<Record<string, unknown>>, env: Environment): ResolvedControlOptions {
  try {
    return parseOptionsBySchema(OPTIONS_TABLE, input, {
      what: 'heapfloor control',
      code: 'CONTROL_OPTIONS_INVALID',
      env,
      envPrefix: 'HEAPFLOOR_CONTROL_',
    }) as ResolvedControlOptions;
  } catch (error) {
    throw error instanceof OptionsError ? new ControlOptionsError(error.problems) : error;
  }
}

function toInstance(
  options: ResolvedControlOptions,
  env: Environment,
  clusterWorkerId: number | null,
): string {
  const name = options.instance ?? resourceAttribute(env, 'service.instance.id');
  if (name === undefined) return `${hostname()}-${process.pid}`;
  return clusterWorkerId === null ? name : `${name}-cluster-${clusterWorkerId}`;
}

function toService(options: ResolvedControlOptions, env: Environment): string | undefined {
  const fromEnv = env['OTEL_SERVICE_NAME']?.trim();
  return options.service ?? (fromEnv ? fromEnv : resourceAttribute(env, 'service.name'));
}

function checkSignalDirectory({ signal, snapshotDirectory }: ResolvedControlOptions): string[] {
  if (signal === undefined) return [];
  if (snapshotDirectory === undefined)
    return ['signal: set HEAPFLOOR_SNAPSHOT_DIR to where its snapshots shall go'];
  try {
    accessSync(snapshotDirectory, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    return [`snapshotDirectory: ${(error as Error).message}`];
  }
}

function toPolicy(options: ResolvedControlOptions, instance: string): CapturePolicy {
  const { snapshotCooldownMs, profileCooldownMs, reportCooldownMs } = options;
  return {
    ...options,
    instance,
    cooldownMs: {
      'metrics-summary': 0,
      'diagnostic-report': reportCooldownMs,
      'heap-profile': profileCooldownMs,
      'cpu-profile': profileCooldownMs,
      'allocation-timeline': snapshotCooldownMs,
      'near-heap-limit': snapshotCooldownMs,
      'heap-snapshot': snapshotCooldownMs,
      inspector: 0,
    },
    budgets: [
      { kinds: SNAPSHOT_KINDS, maxCount: options.maxSnapshotsPerDay, windowMs: 24 * 3_600_000 },
      { kinds: ['heap-profile', 'cpu-profile'], maxCount: options.maxProfilesPerHour, windowMs: 3_600_000 },
    ],
    probeBudgetMs: options.probeBudgetMs ?? null,
  };
}

/** The start of a long name would be shared by names that differ in their ends. */
function toFolderName(instance: string): string {
  const encoded = encodeURIComponent(instance).replaceAll('.', '%2E');
  if (encoded.length <= 100) return encoded;
  const sum = Array.from(encoded).reduce(
    (hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 0xffff_ffff_ffff,
    7,
  );
  return `${encoded.slice(0, 80)}-${sum.toString(36)}`;
}

function resourceAttribute(env: Environment, name: string): string | undefined {
  const pairs = (env['OTEL_RESOURCE_ATTRIBUTES'] ?? '').split(',').map((pair) => pair.trim());
  const pair = pairs.find((one) => one.startsWith(`${name}=`));
  return pair === undefined ? undefined : decodeURIComponent(pair.slice(name.length + 1));
}

function readAddress(
  text: string,
  parseAddress: (text: string) => ListenAddress,
  problems: string[],
): ListenAddress | null {
  try {
    const address = parseAddress(text);
    const pathBytes = Buffer.byteLength(address.socketPath ?? '');
    if (pathBytes <= MAX_SOCKET_PATH_BYTES) return address;
    problems.push(`listen: the socket's path has ${pathBytes} bytes, at most ${MAX_SOCKET_PATH_BYTES} fit`);
  } catch (error) {
    problems.push((error as Error).message);
  }
  return null;
}
