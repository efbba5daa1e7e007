import type { TestContext } from 'vitest';
import { isEngineRunning } from './docker-engine.ts';
import { describeMissingPeers, findPeer } from './find-peer.ts';
import type { PeerName } from './peer-recipes.ts';

/**
 * The executable of a peer, or the test is skipped with the reason.
 * @throws when it is missing and HEAPFLOOR_REQUIRE_PEERS=1 says that it must be there.
 */
export function requirePeer(context: Pick<TestContext, 'skip'>, name: PeerName): string {
  const found = findPeer(name);
  if ('path' in found) return found.path;
  return giveUp(context, found.missing);
}

/** As {@link requirePeer} for several that are started elsewhere; where an engine answers, containers stand in. */
export async function requirePeers(
  context: Pick<TestContext, 'skip'>,
  names: readonly PeerName[],
): Promise<void> {
  const missing = process.env['HEAPFLOOR_PEERS'] === 'docker' ? null : describeMissingPeers(names);
  if (missing !== null && !(await isEngineRunning())) giveUp(context, missing);
}

function giveUp(context: Pick<TestContext, 'skip'>, reason: string): never {
  if (process.env['HEAPFLOOR_REQUIRE_PEERS'] === '1')
    throw new Error(`HEAPFLOOR_REQUIRE_PEERS=1, but ${reason}`);
  console.log(`skipped: ${reason}`);
  return context.skip(reason);
}
