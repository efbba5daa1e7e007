/**
 * `npm run peers [-- <name>...]`: builds upstream's own, unpatched releases at pinned versions into the user's cache, for
 * the journeys and promtool tests. What is there already is left alone.
 *
 * Exit codes: 0 all are there, 1 a build failed, 2 wrong usage, 3 Go is missing or too old and so is a peer.
 */
import { execFileSync } from 'node:child_process';
import { buildPeer, isPeerBuilt } from './build-peer.ts';
import { findPeer, peerCacheDirectory } from './find-peer.ts';
import { GO_MINIMUM, PEER_NAMES, type PeerName } from './peer-recipes.ts';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(PEER_NAMES as readonly string[]).includes(name));
const names = wanted.length === 0 ? PEER_NAMES : (wanted as PeerName[]);
if (unknown.length > 0) {
  console.error(`peers: no peer called ${unknown.join(', ')}; there are: ${PEER_NAMES.join(', ')}`);
  process.exitCode = 2;
} else {
  const problem = findGoProblem();
  process.exitCode = problem === null ? await install(names) : reportWithoutGo(names, problem);
}

/** @returns the exit code. */
async function install(names: readonly PeerName[]): Promise<number> {
  const cacheDirectory = peerCacheDirectory();
  const built = await Promise.all(names.map(async (name) => isPeerBuilt(name, cacheDirectory)));
  let failedCount = 0;
  // One after the other: each compiles with all cores and finds what the one before left in Go's cache.
  for (const name of names.filter((_, at) => built[at] !== true)) {
    failedCount += (await buildAndReport(name, cacheDirectory)) ? 0 : 1;
  }
  console.log(`peers: ${names.length - failedCount} of ${names.length} ready in ${cacheDirectory}/bin`);
  return failedCount === 0 ? 0 : 1;
}

async function buildAndReport(name: PeerName, cacheDirectory: string): Promise<boolean> {
  const startMs = performance.now();
  console.log(`peers: building ${name} ...`);
  try {
    await buildPeer(name, cacheDirectory);
    console.log(`peers: built ${name} (${Math.round((performance.now() - startMs) / 1000)} s)`);
    return true;
  } catch (error) {
    console.error(`peers: ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** @returns the exit code. */
function reportWithoutGo(names: readonly PeerName[], problem: string): number {
  const found = names.map((name) => ({ name, peer: findPeer(name) }));
  for (const { name, peer } of found) {
    console.log('path' in peer ? `peers: ${name} is ${peer.path} (${peer.how})` : `peers: ${peer.missing}`);
  }
  if (found.every(({ peer }) => 'path' in peer)) return 0;
  console.error(
    `peers: ${problem}. Ways to get what is missing:\n` +
      `  - install Go ${GO_MINIMUM} or newer (https://go.dev/dl/) and run this again\n` +
      `  - install upstream's releases (https://prometheus.io/download/, the OpenTelemetry Collector's core distribution)\n` +
      `    on the PATH, or name each file: HEAPFLOOR_PROMETHEUS_BIN, HEAPFLOOR_OTELCOL_BIN, ...\n` +
      `  - run the servers in containers: HEAPFLOOR_PEERS=docker, or "npm run test:containers"`,
  );
  return 3;
}

/** Why Go cannot build the peers; null when it can. */
function findGoProblem(): string | null {
  let text: string;
  try {
    text = execFileSync('go', ['env', 'GOVERSION'], {
      encoding: 'utf8',
      env: { ...process.env, GOTOOLCHAIN: 'local' },
    });
  } catch {
    // Not there, or there and broken: its own message has been printed.
    return 'Go does not run (no "go" on the PATH?)';
  }
  const version = text.trim().replace(/^go/, '');
  return isAtLeast(version, GO_MINIMUM) ? null : `Go is ${version}, but ${GO_MINIMUM} is needed`;
}

function isAtLeast(version: string, minimum: string): boolean {
  const [have = [], need = []] = [version, minimum].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10)),
  );
  const firstDifference = need.findIndex((part, at) => part !== (have[at] ?? 0));
  return firstDifference === -1 || (have[firstDifference] ?? 0) > (need[firstDifference] ?? 0);
}
