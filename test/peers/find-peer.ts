import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { PeerName } from './peer-recipes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type FoundPeer = { readonly path: string; readonly how: string } | { readonly missing: string };

/** Where `npm run peers` builds: outside the repository, so that every checkout shares it. */
export function peerCacheDirectory(env: Environment = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'heapfloor', 'peers');
}

/** A peer's executable: named by the environment, on the PATH, or in the cache. Docker is the caller's own choice. */
export function findPeer(name: PeerName, env: Environment = process.env): FoundPeer {
  const variable = peerVariable(name);
  const named = env[variable];
  if (named !== undefined && named !== '') {
    // No falling through: who names a file wants that one.
    return isExecutable(named) ? { path: named, how: variable } : { missing: describeUnusable(name, env) };
  }
  const onPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
  if (onPath !== undefined) return { path: onPath, how: 'PATH' };
  const cached = join(peerCacheDirectory(env), 'bin', name);
  return isExecutable(cached) ? { path: cached, how: 'cache' } : { missing: describeWays([name], env) };
}

/** One text for all that are missing; null when none is. */
export function describeMissingPeers(
  names: readonly PeerName[],
  env: Environment = process.env,
): string | null {
  const missing = names.filter((name) => 'missing' in findPeer(name, env));
  // A file that was named and cannot be run has a reason of its own.
  const named = missing.filter((name) => (env[peerVariable(name)] ?? '') !== '');
  const others = missing.filter((name) => !named.includes(name));
  const texts = named.map((name) => describeUnusable(name, env));
  if (others.length > 0) texts.push(describeWays(others, env));
  return texts.length === 0 ? null : texts.join('; ');
}

function peerVariable(name: PeerName): string {
  return `HEAPFLOOR_${name.toUpperCase()}_BIN`;
}

function describeUnusable(name: PeerName, env: Environment): string {
  return `${peerVariable(name)} is ${env[peerVariable(name)]}, which is no file that can be run`;
}

function describeWays(names: readonly PeerName[], env: Environment): string {
  const variables = names.map(peerVariable).join(', ');
  return (
    `no ${names.join(', ')}: not in ${variables}, not on the PATH, not in ${peerCacheDirectory(env)}/bin; ` +
    `"npm run peers" builds it (needs Go); a Docker engine, if one answered, would run the servers in containers`
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    // A folder can be "run" too, and one may well be called like its program.
    return statSync(file).isFile();
  } catch {
    // Not there or not ours to run: both mean that it cannot be used.
    return false;
  }
}
