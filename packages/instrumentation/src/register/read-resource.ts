import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Env } from './read-register-env.ts';

export interface ResourceAttributes {
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly problems: readonly string[];
}

/**
 * Who we are. A short list on purpose: the SDK's process detector also sends the whole command line, secrets
 * included.
 */
export function readResource(env: Env): ResourceAttributes {
  const given = parseResourceAttributes(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
  const name = env['OTEL_SERVICE_NAME']?.trim();
  const attributes = {
    'service.name': 'unknown_service:node',
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'host.name': hostname(),
    ...given.attributes,
    ...(name === undefined || name === '' ? {} : { 'service.name': name }),
    'service.instance.id': instanceId(given.attributes['service.instance.id'], cluster.worker?.id),
  };
  return { attributes, problems: given.problems };
}

/** An id from the environment is shared by all children of a `cluster`, and their series would collide. */
export function instanceId(given: string | undefined, clusterWorkerId: number | undefined): string {
  if (given === undefined) return randomUUID();
  return clusterWorkerId === undefined ? given : `${given}-${clusterWorkerId}`;
}

/** `key=value` pairs with commas between them, percent-encoded; one wrong pair discards all, as the specification asks. */
export function parseResourceAttributes(text: string): {
  attributes: Readonly<Record<string, string>>;
  problems: readonly string[];
} {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  try {
    return { attributes: Object.fromEntries(pairs.map(parsePair)), problems: [] };
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
