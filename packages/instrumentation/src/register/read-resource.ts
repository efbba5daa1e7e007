import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { readText, splitList, type Env } from './env-values.ts';
import type { VariableName } from './variables.ts';

export type Attributes = Readonly<Record<string, string | number>>;

export interface ResourceAttributes {
  readonly attributes: Attributes;
  readonly problems: readonly string[];
}

/** What tells this process from others that have the same environment. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly ppid: number;
  /** Number of a child of `cluster`. */
  readonly clusterWorkerId: number | undefined;
}

/** The only variable that we set. */
const PID_VARIABLE: VariableName = 'HEAPFLOOR_REGISTERED_PID';

/**
 * Who we are. A short list on purpose: the SDK's process detector also sends the whole command line, secrets
 * included.
 */
export function readResource(env: Env, identity: ProcessIdentity): ResourceAttributes {
  const given = parseResourceAttributes(readText(env, 'OTEL_RESOURCE_ATTRIBUTES') ?? '');
  const name = readText(env, 'OTEL_SERVICE_NAME');
  const attributes = {
    'service.name': 'unknown_service:node',
    'process.pid': identity.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'host.name': hostname(),
    ...given.attributes,
    ...(name === undefined ? {} : { 'service.name': name }),
    'service.instance.id': instanceId(given.attributes['service.instance.id'], env[PID_VARIABLE], identity),
  };
  return { attributes, problems: given.problems };
}

/**
 * An id from the environment is inherited by all child processes, and their series would collide. Children of `cluster`
 * append their number, which is the same after a restart; others their pid.
 * @param mark - what the process that we inherited from has left, see {@link markProcess}.
 */
export function instanceId(
  given: string | undefined,
  mark: string | undefined,
  { pid, ppid, clusterWorkerId }: ProcessIdentity,
): string {
  if (given === undefined || given === '') return randomUUID();
  const [first, second] = parseMark(mark);
  if (clusterWorkerId !== undefined) {
    const isPrimaryFirst = second === undefined && (first === undefined || first === ppid);
    return isPrimaryFirst ? `${given}-${clusterWorkerId}` : `${given}-${ppid}-${clusterWorkerId}`;
  }
  const isFirst = second === undefined && (first === undefined || first === pid);
  return isFirst ? given : `${given}-${pid}`;
}

/**
 * Leaves our pid for child processes: alone if we have the id as it was given, else behind the pid of the process that
 * has it.
 */
export function markProcess(env: Record<string, string | undefined>, pid: number): void {
  const [first = pid] = parseMark(env[PID_VARIABLE]);
  try {
    env[PID_VARIABLE] = first === pid ? `${pid}` : `${first},${pid}`;
  } catch {
    // A frozen environment: children with a given id collide, as they would without us.
  }
}

function parseMark(mark = ''): number[] {
  return splitList(mark).map(Number).filter(Number.isSafeInteger).slice(0, 2);
}

/** `key=value` pairs with commas between them, percent-encoded; one wrong pair discards all, as the specification asks. */
export function parseResourceAttributes(text: string): {
  attributes: Readonly<Record<string, string>>;
  problems: readonly string[];
} {
  try {
    return { attributes: Object.fromEntries(splitList(text).map(parsePair)), problems: [] };
  } catch {
    return { attributes: {}, problems: ['OTEL_RESOURCE_ATTRIBUTES: not a list of key=value pairs; ignored'] };
  }
}

function parsePair(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  if (equals <= 0) throw new TypeError('no key');
  return [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
}

function decode(part: string): string {
  return decodeURIComponent(part.trim());
}
